import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { type MacAddress, parseMac } from "../../shared/mac.ts";
import type { Incident } from "../../shared/model/incident.ts";
import { optional } from "../../shared/protocol/text.ts";
import { NEVER } from "../presence/track.ts";
import type { AgentRow, Tx } from "../store/store.ts";
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
  /** Those that asked somebody to act. */
  readonly incidents: readonly Incident[];
  /** Every time that a device was called missing, by a ticket of its own or as part of another case. */
  readonly missing: readonly Missing[];
  readonly changes: readonly {
    readonly at: string;
    readonly asset: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly agents: number;
  readonly messages: number;
};

export type Missing = {
  readonly title: string;
  readonly mac: string | null;
  readonly at: string;
  readonly hasTicket: boolean;
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
  const agents = new Set<string>();
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
    while (lab.clock.now() + TICK_MS <= untilMs) {
      lab.clock.set(lab.clock.now() + TICK_MS);
      await lab.tick();
    }
    lab.clock.set(Math.max(lab.clock.now(), untilMs));
  };

  let lastStatesMs = lab.clock.now();
  for await (const line of lines) {
    // Another head: the collector that recorded was started again then. Without one, a long silence tells the same.
    const isRestart = (line.kind === "head" && messages > 0) || line.atMs - lab.clock.now() > PAUSE_MS;
    if (isRestart) {
      lab.clock.set(Math.max(lab.clock.now(), line.atMs));
      await lab.restart();
    }
    await advance(line.atMs);
    switch (line.kind) {
      case "head":
        break;
      case "agent":
        agents.add(`${line.row.agentId} ${line.row.instance}`);
        await lab.read((tx) => enrol(tx, line.row));
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
    const { incidents, missing } = await readCases(tx, new Map(tracks.map((track) => [track.assetId, track.mac])));
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
      missing,
      changes,
      agents: agents.size,
      messages,
    };
  });
};

/** As it was before the recording, but for its asset: replay makes its own. Told again after a restart, it is known already. */
const enrol = async (tx: Tx, { assetId: _, ...row }: AgentRow): Promise<void> => {
  const known = await tx.agents.get(row.agentId, row.instance);
  if (!known) await tx.agents.put(row);
};

const MAX_TICKETS = 5_000_000;
const MAX_CHILDREN = 100_000;

const readCases = async (
  tx: Tx,
  macs: ReadonlyMap<string, string | null>,
): Promise<Pick<Replayed, "incidents" | "missing">> => {
  const incidents: Incident[] = [];
  const missing: Missing[] = [];
  const note = ({ kind, title, assetId }: Incident, times: readonly string[], hasTicket: boolean) => {
    if (kind !== "device-missing") return;
    const mac = macs.get(assetId ?? "") ?? null;
    missing.push(...times.map((at) => ({ title, mac, at, hasTicket })));
  };
  for (let number = 1; number < MAX_TICKETS; number++) {
    const ticket = await tx.tickets.get(number);
    if (!ticket) break;
    const incident = await tx.incidents.get(ticket.incidentId);
    if (!incident) continue;
    incidents.push(incident);
    const events = await tx.ticketEvents.list(number, 1_000);
    const opened = events.filter(({ kind }) => kind === "opened" || kind === "reopened");
    note(
      incident,
      opened.map(({ at }) => at),
      true,
    );
    for (const child of await tx.incidents.children(incident.incidentId, MAX_CHILDREN))
      note(child, [child.openedAt], false);
  }
  return { incidents, missing };
};

/** What really happened, for scoring a recording: who was gone, and when. */
const truthSchema = z.strictObject({
  gone: z
    .array(
      z.strictObject({
        mac: z
          .string()
          .max(64)
          .refine((text) => parseMac(text) !== undefined, "is no MAC address")
          .transform((text): MacAddress => parseMac(text) ?? (text as MacAddress)),
        from: z.iso.datetime({ offset: true }),
        to: optional(z.iso.datetime({ offset: true })),
      }),
    )
    .max(100_000),
});
export type ReplayTruth = z.infer<typeof truthSchema>;

const malformed = (why: string, cause?: unknown): RollcallError =>
  new RollcallError(
    "truth.malformed",
    `the truth file does not fit: ${why} (its form: shared/protocol/README.md)`,
    cause === undefined ? {} : { cause },
  );

/** @throws RollcallError `truth.malformed`, naming the entry */
export const parseTruth = (text: string): ReplayTruth => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  const parsed = truthSchema.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join(".") || "it"}: ${message}`);
    throw malformed(faults.join("; "));
  }
  for (const [i, { from, to }] of parsed.data.gone.entries())
    if (to !== undefined && Date.parse(to) <= Date.parse(from))
      throw malformed(`gone.${i} ends (to ${to}) before it begins (from ${from})`);
  return parsed.data;
};

export type ReplayScore = {
  readonly precision: Share;
  readonly recall: Share;
  readonly false: readonly string[];
  readonly missed: readonly string[];
};

/** A ticket is true while its device is gone; a device counts as found in a case that is part of another, too. */
export const scoreReplay = (
  { missing, assets }: Pick<Replayed, "missing" | "assets">,
  { gone }: ReplayTruth,
): ReplayScore => {
  const seen = new Set(assets.map(({ mac }) => mac));
  const covers = (one: ReplayTruth["gone"][number], { mac, at }: Missing) => {
    const atMs = Date.parse(at);
    return mac === one.mac && atMs >= Date.parse(one.from) && (one.to === undefined || atMs <= Date.parse(one.to));
  };
  const tickets = missing.filter(({ hasTicket }) => hasTicket);
  const wrong = tickets.filter((ticket) => !gone.some((one) => covers(one, ticket)));
  const missed = gone.filter((one) => !missing.some((found) => covers(one, found)));
  return {
    precision: shareOf(tickets.length - wrong.length, tickets.length),
    recall: shareOf(gone.length - missed.length, gone.length),
    false: wrong.map(({ title, at }) => `${title} at ${at}`),
    missed: missed.map(
      (one) => `${one.mac} from ${one.from}${seen.has(one.mac) ? "" : " (nobody in this recording has this MAC)"}`,
    ),
  };
};
