import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Clock } from "../shared/clock.ts";
import { describeError, RollcallError } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import type { Random } from "../shared/random.ts";
import { createPrincipals } from "./api/principals.ts";
import { createApiServer } from "./api/server.ts";
import type { CollectorConfig } from "./config.ts";
import { lockDataFolder, openDataFolder } from "./data-folder.ts";
import { createEngineClient, type EngineClient } from "./engine/client.ts";
import type { Parts, WriteSide } from "./engine/threads.ts";
import { createIngestCounts, type IngestDeps } from "./ingest/conversation.ts";
import { createKnownLists } from "./ingest/known-lists.ts";
import type { Listener } from "./ingest/listener.ts";
import { createSessions } from "./ingest/sessions.ts";
import { startWebSocketListener, WEBSOCKET_PATH } from "./ingest/websocket.ts";
import { createMetrics } from "./metrics.ts";
import type { Reads } from "./store/reads.ts";
import { contentOptionsOf } from "./tickets/desks.ts";
import type { DeskOffice } from "./tickets/office.ts";

export type CollectorDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly parts: Parts;
  readonly version: string;
  readonly pid: number;
  /** A secret by its reference: "@FILE", "env:NAME", or literally. */
  readonly readSecret: (reference: string) => string;
  /** systemd's folder of credentials, where the key of the stored secrets may be. */
  readonly credentials?: string | undefined;
};

export type Collector = {
  /** Where console and API are: "http://127.0.0.1:7717". */
  readonly url: string;
  readonly engine: EngineClient;
  readonly reads: Reads;
  /** Ends agents' sessions as ours, waits for what is on its way to the disk, closes. */
  readonly stop: () => Promise<void>;
};

/** Presence looks at what is due this often; a tick costs what is due and no more. */
const TICK_MS = 1_000;

/**
 * Starts a collector on a data folder that nobody else uses. It has no logic of its own: it makes the parts and joins them.
 * @throws RollcallError `data.*`, `store.*`, `listen.*`, `config.*`
 */
export const startCollector = async (
  config: CollectorConfig & { readonly dataDirectory: string; readonly recordTo?: string },
  deps: CollectorDeps,
): Promise<Collector> => {
  const { clock, random, log } = deps;
  const folder = openDataFolder(config.dataDirectory, deps);
  const undo: (() => Promise<void> | void)[] = [lockDataFolder(folder.path, deps.pid)];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { databasePath, collectorId, signingKey, publicKey } = folder;
    const writer = await deps.parts.openEngine({
      thread: "engine",
      ...(config.recordTo === undefined ? {} : { recordTo: config.recordTo }),
      databasePath,
      collectorId,
      collectorPublicKey: publicKey,
      logLevel: config.log.level,
      presence: config.presence,
      incidents: config.incidents,
      observationDays: config.observationDays,
      historyDays: config.historyDays,
      desks: config.desks.map((desk) => ({
        ...{ name: desk.name, route: desk.when },
        content: contentOptionsOf(desk, config.publicUrl),
      })),
    });
    const engine = createEngineClient(writer.target);
    undo.push(async () => {
      await engine.stop();
      await writer.stop();
    });
    const reader = await deps.parts.openReads({ thread: "reader", databasePath });
    undo.push(reader.stop);
    const reads = reader.target;

    const sessions = createSessions();
    const counts = createIngestCounts();
    engine.onDirective(sessions.obey);
    // A recording tells everything in full: it may be replayed where no list is known.
    const lists =
      config.recordTo === undefined ? createKnownLists(Buffer.from(random.bytes(16)).toString("hex")) : undefined;
    engine.onDirective((directive) => {
      if (directive.kind === "forget-list") lists?.forget(directive.section, directive.base, directive.hash);
    });
    await engine.session({ kind: "collector-started", atMs: clock.now() });

    /** What is wrong at the moment, a line each. */
    const ailments = new Set<string>();
    const listeners: Listener[] = [];
    const office =
      config.desks.length === 0 ? undefined : await startDesks(config, { writer: writer.target, reads, engine }, deps);
    if (office) undo.push(office.stop);
    const metrics = createMetrics({ engine, reads, sessions, counts, clock });
    const app = await createApiServer({
      reads,
      apply: engine.apply,
      events: engine,
      principals: createPrincipals(reads, clock, engine.accessVersion),
      clock,
      random,
      log: log.child({ component: "api" }),
      version: deps.version,
      ailments: () => [...ailments],
      websocketPath: WEBSOCKET_PATH,
      secure: config.listen.certFile !== undefined || config.listen.behindProxy,
      metrics,
      ...(office === undefined ? {} : { desks: office }),
      policy: { presence: config.presence, incidents: config.incidents },
      ...(config.consoleDirectory === undefined ? {} : { consoleFolder: config.consoleDirectory }),
      ...(config.listen.trustedProxies.length > 0 ? { trustedProxies: config.listen.trustedProxies } : {}),
    });
    undo.push(() => app.close());

    const ingest: IngestDeps = {
      engine,
      sessions,
      agentKey: reads.agentKey,
      collectorId,
      signingKey,
      clock,
      random,
      log: log.child({ component: "ingest" }),
      counts,
      ...(lists === undefined ? {} : { lists }),
    };
    listeners.push(startWebSocketListener(app.server, ingest, { maxConnections: config.maxConnections }));
    if (config.mqtt !== undefined) {
      const { startMqttListener, toMqttListenerOptions } = await import("./ingest/mqtt.ts");
      listeners.push(
        startMqttListener(
          toMqttListenerOptions(config.mqtt, collectorId, deps.readSecret, config.maxConnections),
          ingest,
        ),
      );
    }
    // Agents first, so that their sessions end as ours and not with the sockets of the API.
    undo.push(async () => {
      for (const listener of listeners) await listener.stop();
    });
    undo.push(startTicking(engine, deps, ailments));
    const { url, close } = await listen(app.server, config);
    undo.push(close);
    log.info("collector started", { url, collectorId, dataDirectory: folder.path });
    return { url, engine, reads, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startDesks = async (
  config: CollectorConfig & { readonly dataDirectory: string },
  { writer, reads, engine }: { readonly writer: WriteSide; readonly reads: Reads; readonly engine: EngineClient },
  { clock, random, log, readSecret, credentials }: CollectorDeps,
): Promise<DeskOffice> => {
  const [{ startOffice }, { openSecretBox }] = await Promise.all([
    import("./tickets/office.ts"),
    import("./tickets/secrets.ts"),
  ]);
  const ticketLog = log.child({ component: "tickets" });
  const places = { dataDirectory: config.dataDirectory, credentials };
  return startOffice({
    configs: config.desks,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    queue: writer,
    reads,
    links: writer.openLinks,
    follow: writer.followMerge,
    tell: async (word, desk) => {
      const outcome = await engine.apply(word, { name: desk, role: "system" });
      if (outcome.status === "refused") ticketLog.debug("a desk's word was refused", { desk, reason: outcome.reason });
    },
    readSecret,
    openBox: (options) => openSecretBox(places, random, options),
    ...{ clock, random, log: ticketLog },
  });
};

/** One tick at a time, the next a second after the last ended. */
const startTicking = (
  engine: EngineClient,
  { clock, log }: CollectorDeps,
  ailments: Set<string>,
): (() => Promise<void>) => {
  /** Said once when it begins and once when it is over, not with every tick. */
  let ailment: string | undefined;
  const note = (next: string | undefined) => {
    if (next === ailment) return;
    if (ailment !== undefined) ailments.delete(ailment);
    if (next !== undefined) {
      ailments.add(next);
      log.error("presence can't look", { error: next });
    } else log.info("presence looks again");
    ailment = next;
  };
  const ending = new AbortController();
  const run = async () => {
    while (!ending.signal.aborted) {
      try {
        await engine.tick();
        note(undefined);
      } catch (error) {
        note(describeError(error));
      }
      await clock.sleep(TICK_MS, ending.signal).catch(() => {});
    }
  };
  const running = run();
  return async () => {
    ending.abort();
    await running;
  };
};

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): RollcallError => {
  const place = `${host}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new RollcallError(
        "listen.taken",
        `port ${place} is taken: stop who uses it, or choose another with --port`,
      );
    case "EACCES":
      return new RollcallError("listen.permission", `no permission to listen on ${place}: choose a port above 1023`);
    case "EADDRNOTAVAIL":
      return new RollcallError("listen.address", `${host} is no address of this host: change listen.host`);
    default:
      return new RollcallError("listen.failed", `listening on ${place}`, { cause: error });
  }
};

/** With TLS, decrypted connections are handed to the same HTTP server: one port, one set of routes. */
const listen = async (
  server: Server,
  { listen: { host, port, certFile, keyFile } }: CollectorConfig,
): Promise<{ url: string; close: () => Promise<void> }> => {
  const secure = certFile !== undefined && keyFile !== undefined;
  const front = secure
    ? createTlsServer({ ...readCertificate(certFile, keyFile), minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] })
    : server;
  if (secure) front.on("secureConnection", (socket) => server.emit("connection", socket));
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error) => reject(listenError(error, host, port));
    front.once("error", onError);
    front.listen(port, host, () => {
      front.off("error", onError);
      resolve();
    });
  });
  const { port: bound } = front.address() as AddressInfo;
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return {
    url: `${secure ? "https" : "http"}://${name}:${bound}`,
    close: () => (secure ? new Promise((resolve) => front.close(() => resolve())) : Promise.resolve()),
  };
};

const readCertificate = (certFile: string, keyFile: string): { cert: string; key: string } => {
  try {
    return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  } catch (cause) {
    throw new RollcallError("config.certificate", "reading listen.certFile and listen.keyFile", { cause });
  }
};
