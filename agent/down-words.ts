import type { DownBody, DownMessage } from "../shared/protocol/envelope.ts";

/**
 * Reads what the collector says without the protocol's zod schemas, which would take a quarter of the resting agent's memory.
 * The schemas stay the definition: `test/agent/down-words.test.ts` holds the two together over every shape and over noise.
 */
type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isText =
  (max: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= max;
const shortText = isText(256);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
const isEpochMs: Check = (value) => typeof value === "number" && value >= 0 && value <= 8_640_000_000_000_000;
const isHash: Check = (value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
const isFlag: Check = (value) => typeof value === "boolean";
const isId =
  (prefix: string): Check =>
  (value) =>
    typeof value === "string" && new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`).test(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isList =
  (check: Check, max: number, min = 0): Check =>
  (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every(check);
const has =
  (shape: Shape): Check =>
  (value) =>
    isRecord(value) && Object.entries(shape).every(([field, check]) => check(value[field]));
const oneOf =
  (shapes: Readonly<Record<string, Shape>>): Check =>
  (value) => {
    const kind = isRecord(value) ? value["kind"] : undefined;
    return typeof kind === "string" && Object.hasOwn(shapes, kind) && has(shapes[kind] as Shape)(value);
  };

const isStream: Check = (value) => typeof value === "string" && value.length >= 3 && value.length <= 300;

const isCommand = has({
  commandId: shortText,
  expiresAtMs: isEpochMs,
  action: oneOf({
    inventory: {},
    look: { scope: shortText, targets: isList(shortText, 1_024, 1), methods: isList(shortText, 16) },
    snmp: { scope: shortText, targets: isList(shortText, 256, 1) },
  }),
});

const bodies: Readonly<Record<DownBody["kind"], Shape>> = {
  welcome: {
    ...{ nonce: shortText, session: shortText, instance: isCount, epoch: isCount, have: isCount },
    ...{ haveDigest: optional(isHash), wallMs: isEpochMs, pending: isFlag },
  },
  ack: { epoch: isCount, sequence: isCount, digest: isHash },
  resend: { epoch: isCount, from: isPositive },
  refused: { epoch: isCount, sequence: isCount, digest: isHash, reason: isText(4_096) },
  // A section's name that we don't know is nothing that we have: it is answered with "gone".
  need: { hashes: optional(isFlag), sections: optional(isList(has({ stream: isStream, section: shortText }), 10_000)) },
  command: { command: isCommand },
  error: { code: shortText, reason: isText(4_096) },
};

const isDownMessage = has({
  ...{ v: isPositive, collectorId: isId("col"), agentId: isId("agt"), instance: isCount, number: isPositive },
  ...{ session: shortText, body: oneOf(bodies) },
});

export const parseDownMessage = (value: unknown): DownMessage | undefined =>
  isDownMessage(value) ? (value as DownMessage) : undefined;

export type Challenge = { readonly v: number; readonly collectorId: string; readonly nonce: string };

/** The first frame on a WebSocket, in plain text. */
export const parseChallenge = (value: unknown): Challenge | undefined =>
  has({ v: isPositive, collectorId: isId("col"), nonce: shortText })(value) &&
  (value as Record<string, unknown>)["kind"] === "challenge"
    ? (value as Challenge)
    : undefined;
