import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { hostname, uptime } from "node:os";
import type { Clock } from "../shared/clock.ts";
import { RollcallError } from "../shared/errors.ts";
import type { ClockReading, Goodbye } from "../shared/protocol/envelope.ts";

/** What the agent asks of its host's system besides what probes read. */
export const hostName = (): string => hostname();

/** Tells boots apart; where the kernel has no such id, the boot's time to ten seconds. */
const readBootId = (nowMs: number): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return `boot-${Math.round((nowMs - uptime() * 1_000) / 10_000)}`;
  }
};

/** Readings of wall clock and milliseconds since boot. The monotonic part goes on from what it was at the start. */
export const createClockReader = (clock: Clock): (() => ClockReading) => {
  const bootId = readBootId(clock.now());
  const offset = uptime() * 1_000 - clock.monotonic();
  return () => ({
    wallMs: Math.round(clock.now()),
    monotonicMs: Math.max(0, Math.round(clock.monotonic() + offset)),
    bootId,
  });
};

export const minuteOfDay = (nowMs: number): number => {
  const date = new Date(nowMs);
  return date.getHours() * 60 + date.getMinutes();
};

const isSystemd = (): boolean => existsSync("/run/systemd/system");

/** Why we are being stopped, as far as the service manager tells within a second: the host goes down, or only we do. */
export const stopReason = (): Promise<Goodbye["reason"]> =>
  new Promise((resolve) => {
    if (!isSystemd()) return resolve("service-stop");
    execFile("systemctl", ["list-jobs", "--no-legend", "--plain"], { timeout: 1_000 }, (_error, stdout) => {
      if (/\b(reboot|kexec|soft-reboot)\.target\b/.test(stdout)) return resolve("reboot");
      resolve(/\b(shutdown|poweroff|halt)\.target\b/.test(stdout) ? "shutdown" : "service-stop");
    });
  });

/** A file that the configuration or a person named. @throws RollcallError `config.file`, which names it */
export const readNamedFile = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new RollcallError("config.file", `reading ${path}`, { cause });
  }
};
