import { backoffMs } from "../../shared/backoff.ts";
import type { Clock } from "../../shared/clock.ts";
import type { Log } from "../../shared/log.ts";
import type { Random } from "../../shared/random.ts";
import type { Settlement } from "./delivery.ts";

export type DeskHealth = {
  readonly delivered: number;
  readonly rejected: number;
  readonly failuresInRow: number;
  /** Nothing but one trial call is made before this, epoch ms; 0 while the desk is well. */
  readonly restsUntilMs: number;
  readonly lastError?: string;
};

/** So many failures in a row, and a desk rests: it is down, and each further call would only wait for its time-out. */
const REST_AFTER = 5;
const REST = { minMs: 30_000, maxMs: 600_000 };
const WELL: DeskHealth = { delivered: 0, rejected: 0, failuresInRow: 0, restsUntilMs: 0 };

/** How each desk fares, and how many calls it may have at once: none while it rests, one to try it after that. */
export const createDeskHealth = ({
  clock,
  random,
  log,
  perDesk,
}: {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly perDesk: number;
}) => {
  const health = new Map<string, DeskHealth>();
  const of = (desk: string): DeskHealth => health.get(desk) ?? WELL;
  return {
    all: (): ReadonlyMap<string, DeskHealth> => health,
    roomAt: (desk: string): number => {
      const { failuresInRow, restsUntilMs } = of(desk);
      if (restsUntilMs > clock.now()) return 0;
      return failuresInRow >= REST_AFTER ? 1 : perDesk;
    },
    note: (desk: string, settlement: Settlement): void => {
      const before = of(desk);
      switch (settlement.status) {
        case "delivered":
          if (before.failuresInRow >= REST_AFTER) log.info("desk answers again", { desk });
          health.set(desk, { ...WELL, delivered: before.delivered + 1, rejected: before.rejected });
          break;
        case "rejected":
          log.error("desk refused a ticket for good", { desk, reason: settlement.reason });
          health.set(desk, {
            ...{ delivered: before.delivered, rejected: before.rejected + 1, lastError: settlement.reason },
            ...{ failuresInRow: 0, restsUntilMs: 0 },
          });
          break;
        case "retry": {
          const failuresInRow = before.failuresInRow + 1;
          if (failuresInRow === REST_AFTER)
            log.warn("desk rests after failures in a row", { desk, reason: settlement.reason });
          const rests = failuresInRow >= REST_AFTER;
          const restsUntilMs = rests ? clock.now() + backoffMs(failuresInRow - REST_AFTER, REST, random) : 0;
          health.set(desk, { ...before, failuresInRow, restsUntilMs, lastError: settlement.reason });
          break;
        }
        default:
          settlement satisfies never;
      }
    },
  };
};
