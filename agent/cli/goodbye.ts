import { existsSync } from "node:fs";
import { Command } from "commander";
import { isRollcallError, RollcallError } from "../../shared/errors.ts";
import { silentLog } from "../../shared/log.ts";
import type { Goodbye } from "../../shared/protocol/envelope.ts";
import { readSecret } from "../../shared/secret.ts";
import { createCounts } from "../conversation.ts";
import { directoriesOf, pinnedCaPath, stateDatabasePath } from "../directories.ts";
import { createClockReader, readNamedFile } from "../host.ts";
import { toIdentity } from "../identity.ts";
import { readIdentityFile } from "../identity-file.ts";
import { realmOf } from "../jobs.ts";
import { startLink } from "../link.ts";
import { lockState } from "../spool/lock.ts";
import { openSqliteSpool } from "../spool/sqlite.ts";
import { uplinks } from "../uplinks/registry.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig, withConfigOptions } from "./options.ts";
import { askRunning } from "./status.ts";

const MIB = 1 << 20;
const SECOND = 1_000;

type GoodbyeOptions = ConfigOptions & { readonly removed?: true; readonly sleep?: true; readonly wait: string };

const lock = (state: string): (() => void) => {
  try {
    return lockState(state);
  } catch (cause) {
    if (!isRollcallError(cause, "state.locked.unavailable")) throw cause;
    throw new RollcallError(
      "state.locked.unavailable",
      `the agent that runs on ${state} speaks with its identity: stop it first (systemctl disable --now rollcall-agent)`,
    );
  }
};

/** After what the spool still holds, since the collector takes everything in order; unsaid, it waits there for another try. */
const sayGoodbye = async (
  reason: Goodbye["reason"],
  options: GoodbyeOptions,
  waitMs: number,
  deps: CliDeps,
): Promise<void> => {
  const { clock, random, env, failPoint, version, platform, architecture, stdout } = deps;
  const { config } = readConfig(options, deps);
  const { state } = directoriesOf(config, env);
  const identity = toIdentity(readIdentityFile(state), state);
  const unlock = lock(state);
  const spool = openSqliteSpool({
    ...{ path: stateDatabasePath(state), agentId: identity.agentId, clock, failPoint, log: silentLog },
    limits: { softBytes: config.spool.softLimitMiB * MIB, hardBytes: config.spool.hardLimitMiB * MIB },
  });
  const pinned = pinnedCaPath(state);
  try {
    spool.append([{ kind: "goodbye", goodbye: { reason, atMs: Math.round(clock.now()) } }]);
    const link = startLink({
      ...{ identity, spool, clock, random, failPoint, log: silentLog, counts: createCounts() },
      readClock: createClockReader(clock),
      uplink: await uplinks[config.uplink]({
        ...{ config, identity, clock, readText: readNamedFile },
        readSecret: (reference) => readSecret(reference, env, readNamedFile),
        pinnedCa: existsSync(pinned) ? readNamedFile(pinned) : undefined,
      }),
      about: {
        software: { version, platform: `${platform}-${architecture}` },
        heartbeatMs: config.heartbeatSeconds * SECOND,
        scopes: config.scopes.map((scope) => ({
          ...{ name: scope.name, realm: realmOf(scope, config), targets: scope.targets },
        })),
      },
      condition: () => ({}),
      onCommand: () => {},
      onWelcome: () => {},
      backoff: { minMs: config.reconnect.minSeconds * SECOND, maxMs: config.reconnect.maxSeconds * SECOND },
      refusedMs: config.reconnect.refusedSeconds * SECOND,
    });
    const late = new AbortController();
    const cancel = clock.after(waitMs, () => late.abort(new Error("no time left")));
    const isSaid = await link.drained(AbortSignal.any([late.signal, deps.signal]));
    cancel();
    const { lastError } = link.status();
    await link.stop();
    const url = config.collector.url ?? identity.file.collectorUrl;
    if (!isSaid)
      throw new RollcallError(
        "collector.unavailable",
        `saying goodbye to ${url}: not acknowledged in ${waitMs / SECOND} s${lastError === undefined ? "" : ` (${lastError})`}; it is kept: run this again`,
        { remedy: "retry" },
      );
    stdout.write(`${url} knows that ${identity.file.name} (${identity.agentId}) is not to be missed\n`);
  } finally {
    spool.close();
    unlock();
  }
};

/** The running agent says it, with its own connection, and hangs up; it comes back by itself when the host wakes. */
const goToSleep = async (options: GoodbyeOptions, waitMs: number, deps: CliDeps): Promise<void> => {
  const told = await askRunning(options, deps, "sleep", waitMs);
  if (typeof told !== "object" || told === null || !("said" in told))
    throw new RollcallError("usage.sleep", "the running agent is of another version: restart it");
  deps.stdout.write(
    told.said === true
      ? "the collector knows that this host goes to sleep\n"
      : "the collector was not reached: it will hear of the sleep when this host wakes\n",
  );
};

/**
 * `rollcall-agent goodbye --removed`: the last word of an agent that is being uninstalled, signed with its key. What only it
 * watched is unobserved from then on, and nobody is sent to look for it. `--sleep`: the running agent's word that its host
 * is being suspended (systemd/rollcall-agent-sleep.service).
 */
export const goodbyeCommand = (deps: CliDeps): Command =>
  withConfigOptions(
    new Command("goodbye")
      .description(
        "Tell the collector that this host's agent will not be heard: for good, before uninstalling it, or while the host sleeps.",
      )
      .option("--removed", "the agent, which was stopped, is being uninstalled")
      .option("--sleep", "the host is being suspended; the agent runs on")
      .option("--wait SECONDS", "how long the collector may take to answer", "30"),
  )
    .addHelpText(
      "after",
      "\nExit codes: 0 said, 64 usage, 69 not reached, or the agent still runs (--removed) or does not (--sleep), 78 configuration or enrolment.",
    )
    .action(async (options: GoodbyeOptions) => {
      const seconds = Number(options.wait);
      if (!(seconds > 0 && seconds <= 3_600))
        throw new RollcallError("usage.wait", `--wait ${options.wait}: expected seconds, at most 3600`);
      if ((options.removed === undefined) === (options.sleep === undefined))
        throw new RollcallError("usage.goodbye", "goodbye: expected one of --removed and --sleep");
      if (options.sleep) return goToSleep(options, seconds * SECOND, deps);
      await sayGoodbye("removed", options, seconds * SECOND, deps);
    });
