import type { KeyObject } from "node:crypto";
import { describeError } from "../shared/errors.ts";
import type { DownMessage } from "../shared/protocol/envelope.ts";
import { decodeFrame } from "../shared/protocol/frame.ts";
import { parseDownMessage } from "./down-words.ts";
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
    const message = parseDownMessage(JSON.parse(decoded.json));
    if (message === undefined)
      return { status: "malformed", reason: "signed by the collector, but no message of protocol 1" };
    const { agentId, collectorId } = message;
    if (agentId !== pinned.agentId || collectorId !== pinned.collectorId)
      return { status: "foreign", reason: "meant for another agent or from another collector" };
    return { status: "ok", message };
  } catch (error) {
    return { status: "malformed", reason: describeError(error) };
  }
};
