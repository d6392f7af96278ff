import { RollcallError } from "../../shared/errors.ts";
import { type UpMessage, upMessageSchema } from "../../shared/protocol/envelope.ts";
import { decodeFrame } from "../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { TakenKept, Unreadable } from "../engine/engine.ts";
import { NUL_IN_JSON, withoutNulAnywhere } from "../record/nul.ts";
import { faultOfStep, type Step } from "../record/steps.ts";
import type { Cut, KnownLists, Learn } from "./known-lists.ts";
import { checkDepth, limits } from "./limits.ts";

type OpenedMessage =
  | Exclude<UpMessage, { kind: "kept" }>
  | TakenKept
  | (Unreadable & { readonly agentId: string; readonly instance: number });

export type Opened = {
  readonly message: OpenedMessage;
  /** The whole message as text; absent where a part of it was told by known lists. */
  readonly json?: string;
  /** To be called when the message is proven to be its agent's: its lists are known from then on. */
  readonly learn?: Learn;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly signed: boolean;
  readonly verifySignature: ReturnType<typeof decodeFrame>["verifySignature"];
};

const describeIssue = (issues: readonly { path: readonly PropertyKey[]; message: string }[]): string => {
  const issue = issues[0];
  return `${issue?.path.map(String).join(".").slice(0, 200) ?? ""}: ${issue?.message.slice(0, 200) ?? "malformed"}`;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * Unpacks and checks one frame of an agent: size, flags, depth, JSON, version, schema, in this order.
 * @throws RollcallError `frame.*`, `message.*`, `protocol.unsupported` (give-up); a kept message whose place in the
 * sequence can be read does not throw: it comes as "unreadable", so that the sequence can go on.
 */
export const openMessage = (frame: Uint8Array, lists?: KnownLists): Opened => {
  const decoded = decodeFrame(frame, { maxBytes: limits.maxJsonBytes });
  const { plain, digest, signed, verifySignature } = decoded;
  const prepared = lists && plain.length >= PREPARE_FROM_BYTES ? lists.prepare(plain) : undefined;
  const json = prepared?.text ?? decoded.json;
  checkDepth(prepared?.rest ?? json);
  const value = parseJson(json);
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new RollcallError("message.malformed", "message is not a JSON object");
  const { v } = value as { v?: unknown };
  if (!isCount(v) || v < 1) throw new RollcallError("message.malformed", "message names no protocol version");
  if (v > PROTOCOL_VERSION)
    throw new RollcallError(
      "protocol.unsupported",
      `message of protocol ${v}, this collector speaks up to ${PROTOCOL_VERSION}: upgrade the collector first`,
    );
  const cuts = prepared?.cuts ?? [];
  const opened = { digest, signed, verifySignature, sizeBytes: frame.length };
  const told = takeMarks(value, cuts);
  // Marks that are not where a section's items belong: the message is read as any other.
  if (cuts.length > 0 && !told) return openMessage(frame);
  const message = parseMessage(value, told);
  const learn = prepared?.learn ? { learn: prepared.learn } : {};
  // What was changed here can't travel as the text that came.
  if (json.includes(NUL_IN_JSON)) return { ...opened, message: withoutNuls(message), ...learn };
  return { ...opened, message, ...learn, ...(told ? {} : { json }) };
};

/** Items keep theirs until their hashes are checked, and a subject's name is what its agent calls it by. */
const withoutNuls = (message: OpenedMessage): OpenedMessage => {
  if (message.kind === "hello") return withoutNulAnywhere(message);
  if (message.kind !== "kept") return message;
  const { body } = message;
  if (body.kind !== "snapshot") return withoutNulAnywhere(message);
  const { steps, subject, ...rest } = body.snapshot;
  const snapshot = { ...withoutNulAnywhere(rest), subject: { ...withoutNulAnywhere(subject), id: subject.id }, steps };
  return { ...message, body: { kind: "snapshot", snapshot } };
};

/** What is smaller has no large section. */
const PREPARE_FROM_BYTES = 8_192;

/**
 * Puts what is otherwise than in a known list in the place of each mark, as if that were the whole section, and tells which
 * steps are so. Undefined where a mark stands somewhere else.
 */
const takeMarks = (value: object, cuts: readonly Cut[]): ReadonlyMap<number, Cut> | undefined => {
  const { body } = value as { body?: { snapshot?: { steps?: unknown } } };
  const steps = body?.snapshot?.steps;
  if (cuts.length === 0 || !Array.isArray(steps)) return undefined;
  const told = new Map<number, Cut>();
  for (const [i, step] of (steps as unknown[]).entries()) {
    const { kind, items, section, hash } = (step ?? {}) as Record<string, unknown>;
    const cut = cuts.find(({ mark }) => mark === items);
    if (!cut) continue;
    if (kind !== "full" || section !== cut.section || hash !== cut.hash) return undefined;
    (step as { items: unknown }).items = cut.put;
    told.set(i, cut);
  }
  return told.size === cuts.length ? told : undefined;
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw new RollcallError("message.malformed", "message is not JSON");
  }
};

const toStep = (step: Step, cut: Cut | undefined): Step =>
  cut && step.kind === "full"
    ? { kind: "shared", section: cut.section, hash: cut.hash, base: cut.base, put: step.items, drop: cut.drop }
    : step;

/** Items are held to their sections' schemas here, and not on the engine's thread, whose time is everybody's. */
const refuseItems = (message: UpMessage, told: ReadonlyMap<number, Cut> | undefined): OpenedMessage => {
  if (message.kind !== "kept" || message.body.kind !== "snapshot") return message;
  const { agentId, instance, epoch, sequence, body } = message;
  for (const step of body.snapshot.steps) {
    const reason = faultOfStep(step);
    if (reason !== undefined) return { kind: "unreadable", agentId, instance, epoch, sequence, reason };
  }
  if (!told) return message;
  const steps = body.snapshot.steps.map((step, i) => toStep(step, told.get(i)));
  return { ...message, body: { kind: "snapshot", snapshot: { ...body.snapshot, steps } } };
};

type Holder = Record<string, unknown>;

/**
 * Takes the items out of a snapshot's steps, so that the message's schema looks at all but them: they are held to their
 * section's own schema, once. Undefined where they are no records of records with names of bounded length, as the schema
 * says: then it finds the fault.
 */
const detachItems = (value: object): (() => void) | undefined => {
  const { body } = value as { body?: { snapshot?: { steps?: unknown } } };
  const steps = body?.snapshot?.steps;
  if (!Array.isArray(steps)) return undefined;
  const taken = (steps as (Holder | null)[]).flatMap((step) =>
    ["items", "put"].flatMap((name) => {
      const items = step?.[name];
      return step && isObject(items) ? [{ step, name, items }] : [];
    }),
  );
  if (taken.some(({ items }) => !isRecordOfRecords(items))) return undefined;
  for (const { step, name } of taken) step[name] = {};
  return () => {
    for (const { step, name, items } of taken) step[name] = items;
  };
};

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isRecordOfRecords = (items: object): boolean => {
  for (const [key, item] of Object.entries(items)) {
    if (key.length > 8_192 || !isObject(item)) return false;
    for (const name in item) if (name.length > 256) return false;
  }
  return true;
};

/** The parsed message with the items of `value`, which it was parsed without. */
const reattach = (message: UpMessage, value: object): UpMessage => {
  if (message.kind !== "kept" || message.body.kind !== "snapshot") return message;
  const { steps } = (value as { body: { snapshot: { steps: Holder[] } } }).body.snapshot;
  const whole = message.body.snapshot.steps.map((step, i): typeof step => {
    if (step.kind === "gone") return step;
    return step.kind === "full"
      ? { ...step, items: steps[i]?.["items"] as typeof step.items }
      : { ...step, put: steps[i]?.["put"] as typeof step.put };
  });
  return { ...message, body: { kind: "snapshot", snapshot: { ...message.body.snapshot, steps: whole } } };
};

const parseMessage = (value: object, told?: ReadonlyMap<number, Cut>): OpenedMessage => {
  const putBack = detachItems(value);
  const parsed = upMessageSchema.safeParse(value);
  putBack?.();
  if (parsed.success) return refuseItems(putBack ? reattach(parsed.data, value) : parsed.data, told);
  const reason = `message breaks the protocol at ${describeIssue(parsed.error.issues)}`;
  const { kind, epoch, sequence, agentId, instance } = value as Record<string, unknown>;
  if (
    kind === "kept" &&
    isCount(epoch) &&
    isCount(sequence) &&
    sequence > 0 &&
    isCount(instance) &&
    typeof agentId === "string"
  )
    return { kind: "unreadable", epoch, sequence, agentId, instance, reason };
  throw new RollcallError("message.malformed", reason);
};
