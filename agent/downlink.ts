import type { KeyObject } from "node:crypto";
import { describeError } from "../shared/errors.ts";
import { type DownMessage, downMessageSchema } from "../shared/protocol/envelope.ts";
import { decodeFrame } from "../shared/protocol/frame.ts";
import { MAX_DOWN_FRAME_BYTES } from "./uplinks/uplink.ts";

export type PinnedCollector = {
  readonly agentId: string;
  readonly collectorId: string;
  readonly collectorKey: KeyObject;
};

export type OpenedFrame =
  | { readonly status: "ok"; readonly message: DownMessage }
  | { readonly status: "forged" | "malformed" | "foreign"; readonly reason: string };

/**
 * A frame of the collector, believed only when the pinned key signed it for this agent. Whether it is fresh (session,
 * number, nonce) is for the conversation to say. The signature is checked before the text is parsed.
 */
export const openFrame = (frame: Uint8Array, pinned: PinnedCollector): OpenedFrame => {
  try {
    const decoded = decodeFrame(frame, { maxBytes: MAX_DOWN_FRAME_BYTES });
    if (!decoded.verifySignature("rollcall/1 down", pinned.collectorKey))
      return { status: "forged", reason: "not signed by the collector's pinned key" };
    const parsed = downMessageSchema.safeParse(JSON.parse(decoded.json));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return { status: "malformed", reason: `${issue?.path.join(".")}: ${issue?.message}` };
    }
    const { agentId, collectorId } = parsed.data;
    if (agentId !== pinned.agentId || collectorId !== pinned.collectorId)
      return { status: "foreign", reason: "meant for another agent or from another collector" };
    return { status: "ok", message: parsed.data };
  } catch (error) {
    return { status: "malformed", reason: describeError(error) };
  }
};
