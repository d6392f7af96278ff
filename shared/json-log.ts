import { toTimestamp } from "./clock.ts";
import { describeError } from "./errors.ts";
import type { Log } from "./log.ts";

export const logLevels = ["error", "warn", "info", "debug", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

const order: Readonly<Record<LogLevel, number>> = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };

const plain = (_: string, value: unknown): unknown => {
  if (value instanceof Error) return describeError(value);
  return typeof value === "bigint" ? value.toString() : value;
};

export type LogSink = {
  readonly now: () => number;
  readonly level: LogLevel;
  readonly write: (line: string) => void;
};

/**
 * One JSON object per line: `time`, `level`, the bound fields (component), `message`, and the fields of the call.
 * Our own forty lines rather than a library in the resting agent, whose memory is counted.
 */
export const createJsonLog = (sink: LogSink, bound: Readonly<Record<string, unknown>> = {}): Log => {
  const at = (level: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
    if (order[level] > order[sink.level]) return;
    const entry = { time: toTimestamp(sink.now()), level, ...bound, message, ...fields };
    sink.write(`${JSON.stringify(entry, plain)}\n`);
  };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    child: (fields) => createJsonLog(sink, { ...bound, ...fields }),
  };
};
