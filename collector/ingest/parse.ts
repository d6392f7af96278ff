import { RollcallError } from "../../shared/errors.ts";
import { type UpMessage, upMessageSchema } from "../../shared/protocol/envelope.ts";
import { decodeFrame } from "../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { Unreadable } from "../engine/engine.ts";
import { faultOfStep } from "../record/steps.ts";
import { checkDepth, limits } from "./limits.ts";

export type Opened = {
  readonly message: UpMessage | (Unreadable & { readonly agentId: string; readonly instance: number });
  readonly json: string;
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
export const openMessage = (frame: Uint8Array): Opened => {
  const decoded = decodeFrame(frame, { maxBytes: limits.maxJsonBytes });
  checkDepth(decoded.json);
  const value = parseJson(decoded.json);
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new RollcallError("message.malformed", "message is not a JSON object");
  const { v } = value as { v?: unknown };
  if (!isCount(v) || v < 1) throw new RollcallError("message.malformed", "message names no protocol version");
  if (v > PROTOCOL_VERSION)
    throw new RollcallError(
      "protocol.unsupported",
      `message of protocol ${v}, this collector speaks up to ${PROTOCOL_VERSION}: upgrade the collector first`,
    );
  const { json, digest, signed, verifySignature } = decoded;
  return { message: parseMessage(value), json, digest, signed, verifySignature, sizeBytes: frame.length };
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw new RollcallError("message.malformed", "message is not JSON");
  }
};

/** Items are held to their sections' schemas here, and not on the engine's thread, whose time is everybody's. */
const refuseItems = (message: UpMessage): Opened["message"] => {
  if (message.kind !== "kept" || message.body.kind !== "snapshot") return message;
  const { agentId, instance, epoch, sequence } = message;
  for (const step of message.body.snapshot.steps) {
    const reason = faultOfStep(step);
    if (reason !== undefined) return { kind: "unreadable", agentId, instance, epoch, sequence, reason };
  }
  return message;
};

const parseMessage = (value: object): Opened["message"] => {
  const parsed = upMessageSchema.safeParse(value);
  if (parsed.success) return refuseItems(parsed.data);
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
