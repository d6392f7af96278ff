import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRollcallError, RollcallError } from "../../shared/errors.ts";
import { ipv4FromNumber } from "../../shared/ip.ts";
import { silentLog } from "../../shared/log.ts";
import type { Command, KeptBody } from "../../shared/protocol/envelope.ts";
import type { Sweep } from "../../shared/protocol/sweep.ts";
import { readSecret } from "../../shared/secret.ts";
import type { AgentConfig } from "../config.ts";
import { createCounts } from "../conversation.ts";
import { directoriesOf, pinnedCaPath, stateDatabasePath } from "../directories.ts";
import { enrol } from "../enrolment.ts";
import { createClockReader, hostName, readNamedFile } from "../host.ts";
import { prepareStateDirectory, toIdentity } from "../identity.ts";
import { isEnrolled, readIdentityFile } from "../identity-file.ts";
import { realmOf } from "../jobs.ts";
import { type Link, startLink } from "../link.ts";
import type { Targets } from "../probes/sweep/targets.ts";
import { lockState } from "../spool/lock.ts";
import { createMemorySpool } from "../spool/memory.ts";
import type { Spool } from "../spool/spool.ts";
import { openSqliteSpool } from "../spool/sqlite.ts";
import { uplinks } from "../uplinks/registry.ts";
import type { CliDeps } from "./deps.ts";
import { type ConfigOptions, readConfig } from "./options.ts";

export type DeliveryOptions = ConfigOptions & {
  readonly collector: string;
  readonly token?: string;
  readonly ca?: string;
};

/** A conversation with a collector for the time of one scan. */
export type Delivery = {
  readonly realm: string;
  /** Hands the sweep over and waits until the collector has it. @throws RollcallError `collector.unavailable` */
  readonly deliver: (sweep: Sweep) => Promise<void>;
  /** One line for a person: to whom, as whom. */
  readonly about: string;
  readonly stop: () => Promise<void>;
};

/** What a scan by hand is called among the scopes of its agent. */
export const SCOPE_BY_HAND = "by hand";

const MIB = 1 << 20;
const SECOND = 1_000;
/** Until the collector has welcomed us; the uplink's own time-out for the connection is shorter. */
const WELCOME_MS = 30 * SECOND;
/** A large sweep is written in one transaction, behind what others told at the same time. */
const ACKNOWLEDGE_MS = 60 * SECOND;
const GOODBYE_MS = 5 * SECOND;
/** As many as a hello can name of one scope. */
const MAX_RANGES = 1_024;

type Folder = {
  readonly path: string;
  /** The agent's own, with its spool; else an identity for scans by hand, which keeps nothing between them. */
  readonly isOwn: boolean;
  readonly unlock: () => void;
};

const tryLock = (path: string): (() => void) | undefined => {
  try {
    return lockState(path);
  } catch (error) {
    if (isRollcallError(error, "state.locked.unavailable")) return undefined;
    throw error;
  }
};

const howToEnrol = "make a token there (rollcall-collector token create --enrol) and add --token @FILE or env:NAME";

const lockedByScan = (path: string): RollcallError =>
  new RollcallError("state.locked.unavailable", `another scan is handing over as the identity in ${path}: wait for it`);

/** The agent's own identity where there is one and no daemon speaks with it now; else the one for scans by hand. */
const findFolder = (state: string): Folder => {
  const byHand = join(state, "by-hand");
  const unlock = isEnrolled(state) ? tryLock(state) : undefined;
  if (unlock !== undefined) return { path: state, isOwn: true, unlock };
  if (isEnrolled(byHand)) {
    const unlockByHand = tryLock(byHand);
    if (unlockByHand === undefined) throw lockedByScan(byHand);
    return { path: byHand, isOwn: false, unlock: unlockByHand };
  }
  throw isEnrolled(state)
    ? new RollcallError(
        "usage.collector",
        `the agent that runs on ${state} speaks with its identity, so the scan needs one of its own: ${howToEnrol}`,
      )
    : new RollcallError("usage.collector", `no identity in ${state} for handing over: ${howToEnrol}`);
};

type Setup = { readonly options: DeliveryOptions; readonly config: AgentConfig; readonly state: string };

/** With a token an identity for scans by hand is made and stays for the next; the agent's own is left alone. */
const enrolFolder = async (
  token: string,
  { options, config, state }: Setup,
  { clock, env, signal, stderr }: CliDeps,
): Promise<Folder> => {
  const path = join(state, "by-hand");
  prepareStateDirectory(path);
  const unlock = tryLock(path);
  if (unlock === undefined) throw lockedByScan(path);
  try {
    if (!/^(@|env:)/.test(token))
      stderr.write("warning: other users of this host can read a token in the argument list: use @FILE or env:NAME\n");
    const ca = options.ca === undefined ? undefined : readNamedFile(options.ca);
    await enrol({
      ...{ url: options.collector, stateDirectory: path, timeoutMs: WELCOME_MS, signal, clock },
      token: readSecret(token, env, readNamedFile).trim(),
      name: `${config.name ?? hostName()} (scans by hand)`,
      ...(ca !== undefined && { ca }),
    });
    if (ca !== undefined) writeFileSync(pinnedCaPath(path), ca, { mode: 0o600 });
    return { path, isOwn: false, unlock };
  } catch (error) {
    unlock();
    throw error;
  }
};

const rangesAsText = ({ ranges4, prefixes6 }: Targets): string[] => {
  const all = [
    ...ranges4.map(({ first, last }) => `${ipv4FromNumber(first)}-${ipv4FromNumber(last)}`),
    ...prefixes6.map(({ address, length }) => `${address}/${length}`),
  ];
  if (all.length > MAX_RANGES)
    throw new RollcallError(
      "usage.target",
      `${all.length} separate ranges are more than the ${MAX_RANGES} that a collector is told of: name networks instead`,
    );
  return all;
};

/** The link comes back by itself for as long as it lives; a person who waits is told of the first failure. */
const untilWelcome = async (
  link: Link,
  welcome: Promise<{ readonly pending: boolean }>,
  url: string,
  { clock, signal }: CliDeps,
): Promise<void> => {
  let welcomed: { readonly pending: boolean } | undefined;
  void welcome.then((it) => {
    welcomed = it;
  });
  const until = clock.monotonic() + WELCOME_MS;
  while (welcomed === undefined) {
    const { state, lastError } = link.status();
    if (state === "waiting" || clock.monotonic() > until)
      throw new RollcallError("collector.unavailable", `reaching the collector at ${url}: ${lastError ?? "no answer"}`);
    await clock.sleep(20, signal);
  }
  if (welcomed.pending)
    throw new RollcallError(
      "collector.pending",
      `a person must approve this agent at ${url} first; then scan again, without a token`,
    );
};

const openSpool = ({ path, isOwn }: Folder, agentId: string, config: AgentConfig, deps: CliDeps): Spool => {
  const { clock, log, failPoint } = deps;
  const limits = { softBytes: config.spool.softLimitMiB * MIB, hardBytes: config.spool.hardLimitMiB * MIB };
  return isOwn
    ? openSqliteSpool({ path: stateDatabasePath(path), agentId, limits, clock, failPoint, log })
    : createMemorySpool({ agentId, limits, clock });
};

/**
 * Connects to the collector before a packet of the scan leaves, as an agent with one more scope: "by hand", which is the
 * scan's targets.
 *
 * @throws RollcallError `usage.collector`, `collector.unavailable`, `collector.pending`, `enrol.*`, `config.*`, `state.*`
 */
export const openDelivery = async (options: DeliveryOptions, targets: Targets, deps: CliDeps): Promise<Delivery> => {
  const ranges = rangesAsText(targets);
  const { config: read } = readConfig(
    { ...options, set: [...options.set, `collector.url=${options.collector}`] },
    deps,
  );
  const caFile = options.ca ?? read.collector.caFile;
  const config: AgentConfig = { ...read, collector: { ...read.collector, ...(caFile !== undefined && { caFile }) } };
  const { state } = directoriesOf(config, deps.env);
  const folder =
    options.token === undefined
      ? findFolder(state)
      : await enrolFolder(options.token, { options, config, state }, deps);
  try {
    return await converse(folder, config, ranges, deps);
  } catch (error) {
    folder.unlock();
    throw error;
  }
};

const converse = async (
  folder: Folder,
  config: AgentConfig,
  ranges: readonly string[],
  deps: CliDeps,
): Promise<Delivery> => {
  const { clock, random, env, failPoint, version, platform, architecture } = deps;
  const counts = createCounts();
  // What the link would tell a journal is told here by errors, in a person's words.
  const log = silentLog;
  const identity = toIdentity(readIdentityFile(folder.path), folder.path);
  const url = config.collector.url ?? identity.file.collectorUrl;
  const spool = openSpool(folder, identity.agentId, config, deps);
  const welcome = Promise.withResolvers<{ readonly pending: boolean }>();
  const refuse = ({ commandId }: Command) => {
    const reason = "this agent is here for a scan by hand and takes no commands";
    keep([{ kind: "refusal", refusal: { commandId, reason, atMs: Math.round(clock.now()) } }]);
  };
  const keep = (bodies: readonly KeptBody[]): void => {
    spool.append(bodies);
    link.nudge();
  };
  const pinned = pinnedCaPath(folder.path);
  const scopesOfOwn = folder.isOwn ? config.scopes : [];
  const link: Link = startLink({
    ...{ identity, spool, clock, random, log, failPoint, counts, readClock: createClockReader(clock) },
    uplink: await uplinks.websocket({
      ...{ config, identity, clock, readText: readNamedFile },
      readSecret: (reference) => readSecret(reference, env, readNamedFile),
      pinnedCa: existsSync(pinned) ? readNamedFile(pinned) : undefined,
    }),
    about: {
      software: { version, platform: `${platform}-${architecture}` },
      heartbeatMs: config.heartbeatSeconds * SECOND,
      scopes: [
        ...scopesOfOwn.map((scope) => ({ name: scope.name, realm: realmOf(scope, config), targets: scope.targets })),
        { name: SCOPE_BY_HAND, realm: config.realm, targets: [...ranges] },
      ],
    },
    condition: () => ({}),
    onCommand: refuse,
    onWelcome: welcome.resolve,
    ...{ backoff: { minMs: SECOND, maxMs: 5 * SECOND }, refusedMs: config.reconnect.refusedSeconds * SECOND },
  });
  const drained = async (withinMs: number): Promise<boolean> => {
    const late = new AbortController();
    const cancel = clock.after(withinMs, () => late.abort(new Error("no time left")));
    const done = await link.drained(late.signal);
    cancel();
    return done;
  };
  const close = async () => {
    await link.stop();
    spool.close();
    folder.unlock();
  };
  try {
    await untilWelcome(link, welcome.promise, url, deps);
  } catch (error) {
    await link.stop();
    spool.close();
    throw error;
  }
  return {
    realm: config.realm,
    about: `${url} as ${identity.file.name} (${identity.agentId})`,
    deliver: async (sweep) => {
      keep([{ kind: "sweep", sweep }]);
      const isSettled = await drained(ACKNOWLEDGE_MS);
      if (counts.refused > 0)
        throw new RollcallError("collector.refused", `the collector at ${url} refused the scan: its log says why`);
      if (isSettled) return;
      const { lastError } = link.status();
      throw new RollcallError(
        "collector.unavailable",
        `handing the scan over to ${url}: not acknowledged in ${ACKNOWLEDGE_MS / SECOND} s${lastError === undefined ? "" : ` (${lastError})`}: scan again`,
      );
    },
    stop: async () => {
      // An identity that exists for scans only is not missed between them.
      const reason = folder.isOwn ? "service-stop" : "removed";
      keep([{ kind: "goodbye", goodbye: { reason, atMs: Math.round(clock.now()) } }]);
      await drained(GOODBYE_MS);
      await close();
    },
  };
};
