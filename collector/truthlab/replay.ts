import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { macText, optional } from "../../shared/protocol/text.ts";
import { NEVER } from "../presence/track.ts";
import type { Lab } from "./driver.ts";
import type { RecordLine } from "./record.ts";
import { type Share, shareOf } from "./score.ts";

export type Replayed = {
  readonly assets: readonly {
    readonly assetId: string;
    readonly name: string;
    readonly presence: string;
    readonly since: string;
    readonly lastSeen: string;
    readonly mac: string | null;
    readonly address: string | null;
  }[];
  readonly incidents: readonly Incident[];
  readonly changes: readonly {
    readonly at: string;
    readonly asset: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly agents: number;
  readonly messages: number;
};

/** As the collector ticks. */
const TICK_MS = 5_000;
/** Longer than this without a line, the collector that recorded was not running. */
const PAUSE_MS = 1_800_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Plays a recording on virtual time through a lab collector. `tailMs`: how long to watch on after the last line. */
export const replay = async (lab: Lab, lines: AsyncIterable<RecordLine>, tailMs: number): Promise<Replayed> => {
  const states = new Map<string, { name: string; state: string }>();
  const changes: Replayed["changes"][number][] = [];
  let agents = 0;
  let messages = 0;

  const noteStates = () =>
    lab.read(async (tx) => {
      for (const track of await tx.presence.due(NEVER, 10_000_000)) {
        const before = states.get(track.assetId);
        if (before?.state === track.state) continue;
        states.set(track.assetId, { name: track.name, state: track.state });
        changes.push({ at: iso(track.sinceMs), asset: track.name, from: before?.state ?? "new", to: track.state });
      }
    });
  const advance = async (untilMs: number) => {
    if (untilMs - lab.clock.now() > PAUSE_MS) {
      lab.clock.set(untilMs);
      await lab.restart();
    }
    while (lab.clock.now() + TICK_MS <= untilMs) {
      lab.clock.set(lab.clock.now() + TICK_MS);
      await lab.tick();
    }
    lab.clock.set(Math.max(lab.clock.now(), untilMs));
  };

  let lastStatesMs = lab.clock.now();
  for await (const line of lines) {
    await advance(line.atMs);
    switch (line.kind) {
      case "head":
        break;
      case "agent":
        agents++;
        await lab.read((tx) => tx.agents.put(line.row));
        break;
      case "session":
        await lab.engine().session(line.event);
        break;
      case "arrival":
        messages++;
        await lab.engine().ingest([line.arrival]);
        break;
      default:
        line satisfies never;
    }
    if (lab.clock.now() - lastStatesMs >= 60_000) {
      lastStatesMs = lab.clock.now();
      await noteStates();
    }
  }
  await advance(lab.clock.now() + tailMs);
  await noteStates();
  return lab.read(async (tx) => {
    const tracks = await tx.presence.due(NEVER, 10_000_000);
    const incidents: Incident[] = [];
    for (let number = 1; ; number++) {
      const ticket = await tx.tickets.get(number);
      const incident = ticket && (await tx.incidents.get(ticket.incidentId));
      if (!ticket) break;
      if (incident) incidents.push(incident);
    }
    return {
      assets: tracks.map((track) => ({
        assetId: track.assetId,
        name: track.name,
        presence: track.state,
        since: iso(track.sinceMs),
        lastSeen: iso(track.lastSeenMs),
        mac: track.mac,
        address: track.address,
      })),
      incidents,
      changes,
      agents,
      messages,
    };
  });
};

/** What really happened, for scoring a recording: who was gone, and when. */
const truthSchema = z.strictObject({
  gone: z.array(z.strictObject({ mac: macText, from: z.iso.datetime(), to: optional(z.iso.datetime()) })),
});
export type ReplayTruth = z.infer<typeof truthSchema>;

/** @throws RollcallError `truth.malformed` */
export const parseTruth = (text: string): ReplayTruth => {
  try {
    return truthSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RollcallError("truth.malformed", "the truth file does not fit", { cause });
  }
};

export type ReplayScore = {
  readonly precision: Share;
  readonly recall: Share;
  readonly false: readonly string[];
  readonly missed: readonly string[];
};

export const scoreReplay = (replayed: Replayed, truth: ReplayTruth): ReplayScore => {
  const macs = new Map(replayed.assets.map((asset) => [asset.assetId, asset.mac]));
  const raised = replayed.incidents.filter((incident) => incident.kind === "device-missing");
  const covers = (gone: ReplayTruth["gone"][number], incident: Incident) =>
    macs.get(incident.assetId ?? "") === gone.mac &&
    incident.openedAt >= gone.from &&
    (gone.to === undefined || incident.openedAt <= gone.to);
  const wrong = raised.filter((incident) => !truth.gone.some((gone) => covers(gone, incident)));
  const missed = truth.gone.filter((gone) => !raised.some((incident) => covers(gone, incident)));
  return {
    precision: shareOf(raised.length - wrong.length, raised.length),
    recall: shareOf(truth.gone.length - missed.length, truth.gone.length),
    false: wrong.map((incident) => `${incident.title} at ${incident.openedAt}`),
    missed: missed.map((gone) => `${gone.mac} from ${gone.from}`),
  };
};
