import { toTimestamp } from "../../shared/clock.ts";
import { incidentIdSchema } from "../../shared/ids.ts";
import type { Incident } from "../../shared/model/incident.ts";
import type { OutboxRow, Store, Tx } from "../store/store.ts";
import type { OpenLink } from "./back-flow.ts";
import type { TicketContent, TicketRef } from "./connector.ts";
import { type ContentOptions, toCaseAsset, toTicketContent, toTicketNote } from "./content.ts";
import type { DeliveryQueue, DeliveryTask, Settlement } from "./delivery.ts";

const KEY_PREFIX = "rollcall:";
const MAX_EVIDENCE = 200;
const MAX_OPEN = 5_000;
/** Words that piled up while a desk was away become one comment of at most this many characters. */
const MAX_COMMENT = 8_000;

/** How each desk wants to be written to, by its name. */
export type ContentFor = (desk: string) => ContentOptions;

const refOf = async (tx: Tx, desk: string, key: string): Promise<TicketRef | undefined> => {
  const link = await tx.outbox.link(desk, key);
  if (!link) return undefined;
  const number = link.data?.["number"];
  return {
    id: link.ticketRef,
    ...(link.url === undefined ? {} : { url: link.url }),
    ...(typeof number === "string" ? { number } : {}),
  };
};

/** `isMerged`: a person made another ticket of it, which is theirs to close, and may stand for other incidents too. */
const putRef = (
  tx: Tx,
  desk: string,
  key: string,
  { id, url, number }: TicketRef,
  { isMerged = false } = {},
): Promise<void> =>
  tx.outbox.putLink({
    connector: desk,
    key,
    ticketRef: id,
    ...(url === undefined ? {} : { url }),
    data: { ...(number === undefined ? {} : { number }), ...(isMerged ? { merged: true } : {}) },
  });

/** A comment takes the words of the comments that wait behind it, so that a desk that was away gets one and not forty. */
const mergeComments = async (tx: Tx, row: OutboxRow): Promise<OutboxRow> => {
  if (row.action !== "comment" || row.attempts > 0) return row;
  const texts = [row.text];
  for (const next of (await tx.outbox.byKey(row.connector, row.key)).slice(1)) {
    if (next.action !== "comment") break;
    texts.push(next.text);
    await tx.outbox.remove(next.outboxId);
  }
  if (texts.length === 1) return row;
  const merged = { ...row, text: texts.join("\n\n").slice(0, MAX_COMMENT) };
  await tx.outbox.put(merged);
  return merged;
};

const readContent = async (tx: Tx, incident: Incident, options: ContentOptions): Promise<TicketContent> => {
  const evidence = await tx.evidence.list(incident.incidentId, MAX_EVIDENCE);
  const asset = incident.assetId === undefined ? undefined : await tx.assets.get(incident.assetId);
  return toTicketContent({ incident, evidence, ...(asset && { asset: toCaseAsset(asset) }) }, options);
};

const toTask = async (tx: Tx, waiting: OutboxRow, contentFor: ContentFor): Promise<DeliveryTask | undefined> => {
  const incidentId = incidentIdSchema.safeParse(waiting.key.slice(KEY_PREFIX.length));
  const incident = incidentId.success ? await tx.incidents.get(incidentId.data) : undefined;
  if (!incident) {
    await tx.outbox.remove(waiting.outboxId);
    return undefined;
  }
  const row = await mergeComments(tx, waiting);
  const ref = await refOf(tx, row.connector, row.key);
  const isMerged = (await tx.outbox.link(row.connector, row.key))?.data?.["merged"] === true;
  return {
    outboxId: row.outboxId,
    desk: row.connector,
    key: row.key,
    action: isMerged && row.action !== "open" ? "comment" : row.action,
    attempts: row.attempts,
    search: row.mayBeDone ?? row.attempts > 0,
    content: await readContent(tx, incident, contentFor(row.connector)),
    note: toTicketNote(row.outboxId, row.text),
    ...(ref === undefined ? {} : { ref }),
  };
};

const find = async (tx: Tx, { desk, key, outboxId }: DeliveryTask): Promise<OutboxRow | undefined> =>
  (await tx.outbox.byKey(desk, key)).find((row) => row.outboxId === outboxId);

/** What a desk's answer means for people goes into the built-in ticket's timeline, where they look. */
const tell = async (tx: Tx, key: string, atMs: number, text: string): Promise<void> => {
  const ticket = await tx.tickets.byKey(key);
  if (ticket)
    await tx.ticketEvents.append(ticket.number, {
      at: toTimestamp(atMs),
      kind: "comment",
      author: "Rollcall",
      text: text.slice(0, 4_096),
    });
};

const settle = async (tx: Tx, task: DeliveryTask, settlement: Settlement, nowMs: number): Promise<void> => {
  const row = await find(tx, task);
  if (!row) return;
  switch (settlement.status) {
    case "retry":
      return tx.outbox.put({
        ...row,
        dueMs: settlement.unclear ? Math.max(settlement.dueMs, row.dueMs) : settlement.dueMs,
        lastError: settlement.reason.slice(0, 1_000),
        mayBeDone: task.search || settlement.unclear,
      });
    case "rejected":
      await tell(tx, task.key, nowMs, `${task.desk}: ${task.action} was refused: ${settlement.reason}`);
      return tx.outbox.remove(row.outboxId);
    case "delivered": {
      const { id, url, number } = settlement.ref;
      const isNew = (await tx.outbox.link(task.desk, task.key)) === undefined;
      if (isNew) {
        await putRef(tx, task.desk, task.key, settlement.ref);
        await tell(tx, task.key, nowMs, `${task.desk}: ticket ${number ?? id}${url === undefined ? "" : ` ${url}`}`);
      }
      if (settlement.remark !== undefined) await tell(tx, task.key, nowMs, `${task.desk}: ${settlement.remark}`);
      return tx.outbox.remove(row.outboxId);
    }
    default:
      return settlement satisfies never;
  }
};

/** How long after an incident opened people may still say that it was a false alarm. */
const JUDGED_WITHIN_MS = 14 * 86_400_000;
const MAX_OVER = 500;

/** Incidents' tickets at these desks, as reading them back needs them: of the open ones, and of those lately resolved if `over`. */
export const readOpenLinks = (
  store: Store,
  desks: readonly string[],
  { over, nowMs }: { readonly over: boolean; readonly nowMs: number },
): Promise<readonly OpenLink[]> =>
  store.transaction(async (tx) => {
    const links: OpenLink[] = [];
    const since = toTimestamp(Math.max(0, nowMs - JUDGED_WITHIN_MS));
    const resolved = over ? await tx.incidents.resolvedSince(since, MAX_OVER) : [];
    const unjudged = resolved.filter(({ verdict }) => verdict === undefined);
    for (const incident of [...(await tx.incidents.open(MAX_OPEN)), ...unjudged]) {
      for (const desk of desks) {
        const ref = await refOf(tx, desk, `${KEY_PREFIX}${incident.incidentId}`);
        if (ref) links.push({ desk, ref, incident });
      }
    }
    return links;
  });

/** From now on the incident's ticket at this desk is the one that it was merged into there. */
export const followMerge = (
  store: Store,
  { desk, ref, incident }: OpenLink,
  survivor: TicketRef,
  nowMs: number,
): Promise<void> =>
  store.transaction(async (tx) => {
    const key = `${KEY_PREFIX}${incident.incidentId}`;
    const link = await tx.outbox.link(desk, key);
    // Somebody else was faster, or a delivery has just found another ticket.
    if (link?.ticketRef !== ref.id) return;
    await putRef(tx, desk, key, survivor, { isMerged: true });
    const name = (one: TicketRef) => one.number ?? one.id;
    await tell(
      tx,
      key,
      nowMs,
      `${desk}: ticket ${name(ref)} was merged into ${name(survivor)} there; it goes on as that`,
    );
  });

/**
 * How long a call that was begun may still be under way at the desk after we stopped to listen: our own time-out, and as long
 * again for a desk that is slow. Looked for earlier, what it makes is not there yet, and would be made twice (seen at a
 * Redmine on a busy machine).
 */
const UNDER_WAY_MS = 120_000;

/** The outbox in the store, as delivery works on it: each call one transaction. */
export const createDeliveryQueue = (
  store: Store,
  contentFor: ContentFor,
  now: () => number,
  { underWayMs = UNDER_WAY_MS }: { readonly underWayMs?: number } = {},
): DeliveryQueue => ({
  takeDeliveries: (nowMs, limit, desk) =>
    store.transaction(async (tx) => {
      const tasks: DeliveryTask[] = [];
      for (const row of await tx.outbox.due(nowMs, limit, desk)) {
        const task = await toTask(tx, row, contentFor);
        if (task) tasks.push(task);
      }
      return tasks;
    }),
  beginDeliveries: (tasks) =>
    store.transaction(async (tx) => {
      for (const task of tasks) {
        const row = await find(tx, task);
        // Until the answer is known, a crash leaves it open whether it was done, or is being done yet.
        if (row)
          await tx.outbox.put({ ...row, attempts: row.attempts + 1, mayBeDone: true, dueMs: now() + underWayMs });
      }
    }),
  settleDelivery: (task, settlement) => store.transaction((tx) => settle(tx, task, settlement, now())),
  standingAt: (desk) =>
    store.transaction(async (tx) => {
      const keys: string[] = [];
      for (const { incidentId } of await tx.incidents.open(MAX_OPEN)) {
        const key = `${KEY_PREFIX}${incidentId}`;
        if (await tx.outbox.link(desk, key)) keys.push(key);
      }
      return keys;
    }),
  readStanding: (desk, key) =>
    store.transaction(async (tx) => {
      const incidentId = incidentIdSchema.safeParse(key.slice(KEY_PREFIX.length));
      const incident = incidentId.success ? await tx.incidents.get(incidentId.data) : undefined;
      const ref = await refOf(tx, desk, key);
      if (!incident || !ref || incident.state === "resolved" || incident.state === "part-of") return undefined;
      if ((await tx.outbox.byKey(desk, key)).length > 0) return undefined;
      return { ref, content: await readContent(tx, incident, contentFor(desk)) };
    }),
});
