import { existsSync } from "node:fs";
import type { Clock } from "../shared/clock.ts";
import { isRollcallError } from "../shared/errors.ts";
import type { FailPoint } from "../shared/fail-point.ts";
import type { Log } from "../shared/log.ts";
import type { ClockReading, Goodbye, Hello, KeptBody } from "../shared/protocol/envelope.ts";
import type { Random } from "../shared/random.ts";
import { readSecret } from "../shared/secret.ts";
import { startClockWatch } from "./clock-watch.ts";
import type { AgentConfig } from "./config.ts";
import { createCounts } from "./conversation.ts";
import { pinnedCaPath, stateDatabasePath } from "./directories.ts";
import { readNamedFile } from "./host.ts";
import { type Identity, toIdentity } from "./identity.ts";
import { realmOf } from "./jobs.ts";
import { type Link, startLink } from "./link.ts";
import { createNeighbourWatch } from "./neighbours.ts";
import { createObeyer } from "./obeyer.ts";
import { planRounds } from "./plan.ts";
import { createRunner } from "./runner.ts";
import { createScheduler } from "./scheduler.ts";
import type { AgentSettings } from "./settings.ts";
import { lockState } from "./spool/lock.ts";
import { openSqliteSpool } from "./spool/sqlite.ts";
import { startStatusServer } from "./status-server.ts";
import { uplinks } from "./uplinks/registry.ts";
import type { Uplink } from "./uplinks/uplink.ts";

export type AgentDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly self: readonly [string, ...string[]];
  readonly pid: number;
  readonly version: string;
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  readonly failPoint: FailPoint;
  readonly usage: () => object;
  readonly readClock: () => ClockReading;
  /** Minutes since midnight, local time: for quiet hours. */
  readonly minuteOfDay: (nowMs: number) => number;
  /** Called when the state database turned out damaged while running: a restart sets it aside. */
  readonly onFatal: (error: unknown) => void;
};

export type Agent = {
  readonly status: () => object;
  /** Says goodbye, waits for it a bounded time, and ends everything. */
  readonly stop: (reason: Goodbye["reason"]) => Promise<void>;
};

const MIB = 1 << 20;
const SECOND = 1_000;
/**
 * Heartbeats after which a host that said it goes to sleep has thought better of it. The time asleep does not count: a host that
 * wakes sees its clock jump, and speaks at once.
 */
const AWAKE_AGAIN_BEATS = 4;

const createUplink = async (
  { config, directories }: AgentSettings,
  identity: Identity,
  deps: AgentDeps,
): Promise<Uplink> => {
  const caPath = pinnedCaPath(directories.state);
  return uplinks[config.uplink]({
    config,
    identity,
    clock: deps.clock,
    readText: readNamedFile,
    readSecret: (reference) => readSecret(reference, deps.env, readNamedFile),
    pinnedCa: existsSync(caPath) ? readNamedFile(caPath) : undefined,
  });
};

/** `scopes` is read at each hello: what this host's segments are may have changed since the last. */
const hello = (
  config: AgentConfig,
  deps: AgentDeps,
  networks: () => readonly string[],
): Pick<Hello, "run" | "software" | "heartbeatMs" | "scopes"> => ({
  run: Buffer.from(deps.random.bytes(12)).toString("base64url"),
  software: { version: deps.version, platform: `${deps.platform}-${deps.architecture}` },
  heartbeatMs: config.heartbeatSeconds * SECOND,
  get scopes() {
    const here = networks();
    return [
      ...config.scopes.map((scope) => ({ name: scope.name, realm: realmOf(scope, config), targets: scope.targets })),
      ...(here.length > 0 ? [{ name: "neighbours", realm: config.realm, targets: [...here] }] : []),
    ];
  },
});

type GoodbyeDeps = Pick<AgentDeps, "clock" | "log"> & {
  readonly keep: (bodies: readonly KeptBody[]) => void;
  readonly link: Link;
  readonly waitMs: number;
};

/** Keeps the goodbye, and hands it over if that takes no longer than the host can wait; gives whether it did. */
const sayGoodbye = async (
  reason: Goodbye["reason"],
  { keep, link, clock, log, waitMs }: GoodbyeDeps,
): Promise<boolean> => {
  try {
    keep([{ kind: "goodbye", goodbye: { reason, atMs: Math.round(clock.now()) } }]);
  } catch (error) {
    log.warn("the goodbye could not be kept", { error });
    return false;
  }
  if (!link.isOpen() || waitMs === 0) return false;
  const giveUp = new AbortController();
  const cancel = clock.after(waitMs, () => giveUp.abort(new Error("no time left")));
  const said = await link.drained(giveUp.signal);
  cancel();
  log.info("said goodbye", { reason, said });
  return said;
};

/**
 * Wires the agent together: identity, spool, link, rounds, status. Has no logic of its own beyond that.
 * @throws RollcallError `config.*`, `state.*`, `spool.open`
 */
export const startAgent = async (settings: AgentSettings, deps: AgentDeps): Promise<Agent> => {
  const { config, directories } = settings;
  const { clock, random, log } = deps;
  const identity = toIdentity(settings.identity, directories.state);
  const unlock = lockState(directories.state);
  const stateDatabase = stateDatabasePath(directories.state);
  const limits = { softBytes: config.spool.softLimitMiB * MIB, hardBytes: config.spool.hardLimitMiB * MIB };
  const spool = openSqliteSpool({
    ...{ path: stateDatabase, agentId: identity.agentId, limits, clock, failPoint: deps.failPoint },
    log: log.child({ component: "spool" }),
  });
  const counts = createCounts();
  const state = { startedAtMs: clock.now(), roundAtMs: undefined as number | undefined, pending: false, notKept: 0 };

  const keep = (bodies: readonly KeptBody[]) => {
    try {
      spool.append(bodies);
      link.nudge();
    } catch (error) {
      state.notKept += bodies.length;
      if (isRollcallError(error, "spool.corrupt")) deps.onFatal(error);
      throw error;
    }
  };
  const { self, env } = deps;
  const parts = { config, stateDatabase };
  const roundLog = log.child({ component: "rounds" });
  const run = createRunner({ self, env, keep, log: roundLog });
  const obeyer = createObeyer({ ...parts, clock, keep, run, log: roundLog });
  const watch = startClockWatch(clock, (byMs) => {
    log.warn("the clock jumped or the host slept", { byMs });
    link.reconnect("the clock jumped or the host slept");
    scheduler.wake();
  });
  const neighbours = createNeighbourWatch({
    ...{ clock, realm: config.realm, repeatMs: config.neighbours.repeatMinutes * 60 * SECOND },
  });
  const link = startLink({
    ...{ identity, spool, clock, random, counts, failPoint: deps.failPoint, readClock: deps.readClock },
    uplink: await createUplink(settings, identity, deps),
    log: log.child({ component: "link" }),
    about: hello(config, deps, () => (config.neighbours.enabled ? neighbours.networks() : [])),
    condition: () => ({
      ...(state.roundAtMs !== undefined && { roundAtMs: state.roundAtMs }),
      latenessMs: watch.takeLateness(),
    }),
    onCommand: obeyer.obey,
    onWelcome: ({ pending }) => {
      state.pending = pending;
      log.info("connected", { collector: identity.collectorId, pending });
    },
    backoff: { minMs: config.reconnect.minSeconds * SECOND, maxMs: config.reconnect.maxSeconds * SECOND },
    refusedMs: config.reconnect.refusedSeconds * SECOND,
  });

  const scheduler = createScheduler({ clock, random, log: log.child({ component: "rounds" }) });
  planRounds({
    ...{ config, stateDatabase, scheduler, run, keep, neighbours, clock, random, minuteOfDay: deps.minuteOfDay },
    onInventory: (atMs) => {
      state.roundAtMs = atMs;
    },
  });

  const status = () => ({
    ...{ version: deps.version, pid: deps.pid, startedAtMs: state.startedAtMs, atMs: clock.now() },
    ...{ name: identity.file.name, agentId: identity.agentId, collectorId: identity.collectorId },
    ...{ pending: state.pending, link: link.status(), position: spool.position() },
    spool: {
      ...spool.counts(),
      softLimitBytes: limits.softBytes,
      hardLimitBytes: limits.hardBytes,
      notKept: state.notKept,
    },
    ...{
      counts,
      rounds: scheduler.status(),
      roundAtMs: state.roundAtMs,
      clockJumps: watch.jumps(),
      usage: deps.usage(),
    },
  });
  const goodbye = { keep, link, clock, log };
  /** The connection goes with the goodbye: whoever says hello again is back, and whoever slept finds it dead anyway. */
  const sleep = async () => {
    const said = await sayGoodbye("sleep", { ...goodbye, waitMs: config.goodbyeSeconds * SECOND });
    link.rest("the host goes to sleep", AWAKE_AGAIN_BEATS * config.heartbeatSeconds * SECOND);
    return { said };
  };
  const stopStatus = await startStatusServer(directories.runtime, { status, sleep }, clock).catch((error: unknown) => {
    log.warn("no status socket", { error });
    return async () => {};
  });

  return {
    status,
    stop: async (reason) => {
      obeyer.stop();
      await scheduler.stop();
      await sayGoodbye(reason, { ...goodbye, waitMs: config.goodbyeSeconds * SECOND });
      await link.stop();
      watch.stop();
      await stopStatus();
      spool.close();
      unlock();
    },
  };
};
