import { type Clock, toTimestamp } from "../../shared/clock.ts";
import { describeError, RollcallError } from "../../shared/errors.ts";
import type { IncidentId } from "../../shared/ids.ts";
import type { Log } from "../../shared/log.ts";
import type { DeskPreview, DeskStatus, DeskTrial } from "../../shared/model/desk.ts";
import type { Random } from "../../shared/random.ts";
import type { Reads } from "../store/reads.ts";
import { type BackFlowOptions, startBackFlow } from "./back-flow.ts";
import type { CheckFinding, Desk } from "./connector.ts";
import { toTicketContent } from "./content.ts";
import { type DeliveryQueue, startDelivery } from "./delivery.ts";
import { connectDesks, connectorOf, contentOptionsOf, type DeskConfig, secretsOf } from "./desks.ts";
import { createHttpClient } from "./http.ts";
import { compareDesks } from "./parity.ts";
import { createSecretReader } from "./secret-reader.ts";
import type { SecretBox } from "./secrets.ts";
import { tryDesk } from "./trial.ts";

/** What people are told and may do about the desks while the collector runs. */
export type DeskOffice = {
  readonly list: () => Promise<readonly DeskStatus[]>;
  /** Checks again. @throws RollcallError `desk.unknown` */
  readonly check: (name: string) => Promise<DeskStatus>;
  /** Opens a test ticket, comments, resolves. @throws RollcallError `desk.unknown` */
  readonly test: (name: string) => Promise<DeskTrial>;
  /** What the desk would be told of an incident. @throws RollcallError `desk.unknown`; undefined: no such incident */
  readonly preview: (name: string, incidentId: IncidentId) => Promise<DeskPreview | undefined>;
  /** Reads its tickets now; resolves to how many words of people followed. @throws RollcallError `desk.unknown` */
  readonly read: (name: string) => Promise<number>;
  readonly parity: () => Promise<Awaited<ReturnType<typeof compareDesks>>>;
  /** Seals a secret for the store. @throws RollcallError `secret.key` */
  readonly seal: (name: string, value: string) => string;
  /** Connects the desks anew, after a secret was set. Faults show in the desks' findings. */
  readonly reconnect: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type OfficeDeps = {
  readonly configs: readonly DeskConfig[];
  readonly publicUrl?: string;
  readonly queue: DeliveryQueue;
  readonly reads: Pick<Reads, "incident" | "asset" | "waiting" | "secrets" | "deskLinks">;
  readonly links: BackFlowOptions["links"];
  readonly follow: NonNullable<BackFlowOptions["follow"]>;
  readonly tell: BackFlowOptions["tell"];
  /** "@FILE", "env:NAME", or literally. */
  readonly readSecret: (reference: string) => string;
  readonly openBox: (options: { readonly create: boolean }) => SecretBox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

const CALL_MS = 60_000;
/** Parity looks at what is open, and at what was resolved of this long. */
const PARITY_SINCE_MS = 7 * 86_400_000;
const PARITY_MS = 25_000;

type Known = { readonly checkedAt?: string; readonly findings: readonly CheckFinding[] };

/**
 * The desks of the configuration at work: checked at once, delivered to, read back, and shown. A desk whose stored secret
 * is missing is listed as such, since the running collector is where it is set; the others work, and what waits for it is
 * not lost.
 * @throws RollcallError `config.desks`, `config.secret`: faults of the configuration, all at once
 */
export const startOffice = async (deps: OfficeDeps): Promise<DeskOffice> => {
  const { configs, publicUrl, queue, reads, clock, random, log } = deps;
  const connectorDeps = { clock, log, http: createHttpClient() };
  const ending = new AbortController();
  const desks = new Map<string, Desk>();
  const known = new Map<string, Known>();

  const within = (ms: number): AbortSignal => AbortSignal.any([ending.signal, AbortSignal.timeout(ms)]);

  const connectOne = async (config: DeskConfig): Promise<void> => {
    const { name } = config;
    try {
      const isStored = secretsOf(config).some((reference) => reference.startsWith("store:"));
      const stored = isStored ? await reads.secrets() : [];
      const readSecret = createSecretReader(stored, () => deps.openBox({ create: false }), deps.readSecret);
      for (const one of connectDesks([config], connectorDeps, readSecret)) desks.set(name, one.desk);
      known.set(name, { findings: [] });
    } catch (error) {
      if (!(error instanceof RollcallError) || !error.code.startsWith("secret.")) throw error;
      desks.delete(name);
      const what = describeError(error);
      known.set(name, {
        checkedAt: toTimestamp(clock.now()),
        findings: [{ ok: false, what, remedy: "set the secret; the desk connects by itself then" }],
      });
      log.error("desk is not connected", { desk: name, error: what });
    }
  };

  const checkOne = async (name: string): Promise<void> => {
    const desk = desks.get(name);
    if (!desk) return;
    const findings = await desk
      .check(within(CALL_MS))
      .catch((error: unknown) => [
        { ok: false, what: describeError(error), remedy: "check the address and the network" },
      ]);
    if (ending.signal.aborted) return;
    known.set(name, { checkedAt: toTimestamp(clock.now()), findings });
    for (const { ok, what, remedy } of findings) if (!ok) log.warn("desk is not ready", { desk: name, what, remedy });
  };

  // Faults of the file are told together, before anything starts.
  const faults: RollcallError[] = [];
  for (const config of configs)
    await connectOne(config).catch((error: unknown) => {
      if (!(error instanceof RollcallError)) throw error;
      faults.push(error);
    });
  if (faults.length > 0)
    throw new RollcallError(faults[0]?.code ?? "config.desks", faults.map((fault) => describeError(fault)).join("; "));
  void Promise.allSettled(configs.map(({ name }) => checkOne(name)));

  const delivery = startDelivery({ desks, queue, clock, random, log });
  const backFlow = startBackFlow({ desks, links: deps.links, follow: deps.follow, tell: deps.tell, clock, log });

  const statusOf = ({ name, connector }: DeskConfig, waiting: number): DeskStatus => {
    const { title, tried, abilities } = connectorOf(connector);
    const { checkedAt, findings } = known.get(name) ?? { findings: [] };
    const health = delivery.health().get(name);
    return {
      ...{ name, connector, title, tried },
      abilities: [...abilities],
      ...(checkedAt === undefined ? {} : { checkedAt }),
      findings: [...findings],
      waiting,
      delivered: health?.delivered ?? 0,
      rejected: health?.rejected ?? 0,
      failuresInRow: health?.failuresInRow ?? 0,
      ...(health && health.restsUntilMs > clock.now() ? { restsUntil: toTimestamp(health.restsUntilMs) } : {}),
      ...(health?.lastError === undefined ? {} : { lastError: health.lastError.slice(0, 4_000) }),
    };
  };

  const configOf = (name: string): DeskConfig => {
    const config = configs.find((one) => one.name === name);
    if (!config) throw new RollcallError("desk.unknown", `no desk is named "${name}"`);
    return config;
  };

  return {
    list: async () => {
      const waiting = await reads.waiting();
      return configs.map((config) => statusOf(config, waiting[config.name] ?? 0));
    },
    check: async (name) => {
      const config = configOf(name);
      if (!desks.has(name)) await connectOne(config);
      await checkOne(name);
      return statusOf(config, (await reads.waiting())[name] ?? 0);
    },
    test: async (name) => {
      configOf(name);
      const desk = desks.get(name);
      if (desk) return tryDesk(desk, { clock, random }, within(CALL_MS));
      const detail = known.get(name)?.findings[0]?.what ?? "is not connected";
      return { ok: false, steps: [{ what: "connect", ok: false, detail }] };
    },
    preview: async (name, incidentId) => {
      const config = configOf(name);
      const found = await reads.incident(incidentId);
      if (!found) return undefined;
      const { incident, evidence } = found;
      const asset = incident.assetId === undefined ? undefined : await reads.asset(incident.assetId);
      const { subject, text, html } = toTicketContent(
        { incident, evidence, ...(asset === undefined ? {} : { asset }) },
        contentOptionsOf(config, publicUrl),
      );
      return { subject, text, html };
    },
    read: async (name) => {
      configOf(name);
      return backFlow.read(name);
    },
    parity: async () => {
      const links = await reads.deskLinks(toTimestamp(Math.max(0, clock.now() - PARITY_SINCE_MS)));
      return compareDesks(desks, links, clock, within(PARITY_MS));
    },
    seal: (name, value) => deps.openBox({ create: true }).seal(name, value),
    reconnect: async () => {
      for (const config of configs) await connectOne(config);
      await Promise.allSettled(configs.map(({ name }) => checkOne(name)));
    },
    stop: async () => {
      ending.abort();
      await backFlow.stop();
      await delivery.stop();
    },
  };
};
