import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { freePort } from "./free-port.ts";
import { findProgram } from "./requires.ts";
import { type Certificates, createCertificates } from "./tls.ts";
import { until } from "./until.ts";

export type Broker = {
  readonly url: string;
  /** Authority of its certificate, where it has one. */
  readonly ca?: string;
  /** Ends all connections and lets nobody in until `resume`. */
  readonly drop: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Aedes in this process: MQTT 3.1.1, no access list, for what needs no real broker. */
export const startAedes = async (): Promise<Broker> => {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const drop = async () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    drop,
    stop: async () => {
      await drop();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

export type MosquittoUser = { readonly name: string; readonly password: string; readonly acl: readonly string[] };

const isListening = async (port: number): Promise<boolean> => {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
};

/** Access list of an agent: it may write and read its own two topics, and no other's. */
export const agentAcl = (topics: { readonly up: string; readonly down: string }): string[] => [
  `topic write ${topics.up}`,
  `topic read ${topics.down}`,
];

/** A real Mosquitto with TLS, users and an access list each. Needs the programs mosquitto, mosquitto_passwd and openssl. */
export const startMosquitto = async (
  users: readonly MosquittoUser[],
): Promise<Broker & { readonly certificates: Certificates; readonly port: number }> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-mosquitto-"));
  chmodSync(folder, 0o755);
  const certificates = createCertificates(folder);
  const at = (name: string) => join(folder, name);
  writeFileSync(at("users"), "");
  for (const { name, password } of users)
    execFileSync(findProgram("mosquitto_passwd") ?? "mosquitto_passwd", ["-b", at("users"), name, password], {
      stdio: "ignore",
    });
  writeFileSync(at("acl"), users.map(({ name, acl }) => [`user ${name}`, ...acl, ""].join("\n")).join("\n"));
  const port = await freePort();
  writeFileSync(
    at("mosquitto.conf"),
    [
      `listener ${port} 127.0.0.1`,
      ...[`cafile ${certificates.caFile}`, `certfile ${certificates.certFile}`, `keyfile ${certificates.keyFile}`],
      ...["allow_anonymous false", `password_file ${at("users")}`, `acl_file ${at("acl")}`],
      ...[
        "max_inflight_messages 100",
        "max_queued_messages 10000",
        "persistence false",
        `user ${process.getuid?.() === 0 ? "root" : ""}`,
      ],
      "log_type error",
      "",
    ].join("\n"),
  );
  let child: ChildProcess;
  const start = async () => {
    child = spawn(findProgram("mosquitto") ?? "mosquitto", ["-c", at("mosquitto.conf")], { stdio: "ignore" });
    await until("mosquitto to listen", () => isListening(port), { everyMs: 25 });
  };
  const end = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  await start();
  return {
    url: `mqtts://127.0.0.1:${port}`,
    ...{ ca: certificates.ca, certificates, port },
    drop: async () => {
      await end();
      await start();
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
