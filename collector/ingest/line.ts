import type { CloseKind } from "../store/store.ts";
import type { Opened } from "./parse.ts";
import type { Runs } from "./runs.ts";

/** What a listener gives the conversation of one connection (WebSocket) or of one agent (MQTT). */
export type Line = {
  readonly uplink: "websocket" | "mqtt";
  readonly remote: string;
  /** What a hello's signature is bound to: the challenge's nonce, or "". */
  readonly challenge: string;
  /** "hello": the first message proves the session. "every": each frame proves itself. */
  readonly signs: "hello" | "every";
  readonly send: (frame: Uint8Array) => void;
  /** Ends the connection; nothing to end where many share a broker. */
  readonly close: (code: string, reason: string) => void;
  /** Stops or goes on reading, where the line can. */
  readonly setPaused: (paused: boolean) => void;
  readonly isAlive: () => Promise<boolean>;
  /** Which copy says this hello, and whether another has taken its place meanwhile; left out where `isAlive` tells. */
  readonly judge?: Runs["judge"];
};

export type Conversation = {
  /** Takes one frame. Frames are handled in the order in which they came. */
  readonly receive: (frame: Uint8Array) => void;
  /** The same for a frame that was opened already; resolves when it was handed over. */
  readonly take: (opened: Opened) => Promise<void>;
  readonly closed: (how: CloseKind) => Promise<void>;
  readonly isOpen: () => boolean;
  /** Of the agent's copies, the one it speaks with. */
  readonly instance: () => number | undefined;
  /** When something was last heard, on the monotonic clock, and how often we may expect to. */
  readonly heard: () => { readonly atMs: number; readonly everyMs: number };
};
