/** Net-SNMP's own agent on loopback, with users and communities of a test. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../shared/clock.ts";
import { freePort } from "./free-port.ts";
import { findProgram } from "./requires.ts";

/** Lines of snmpd.conf(5); the folder of persistent state (engine boots) lives as long as the object. */
export const createSnmpd = async (lines: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-snmpd-"));
  const port = await freePort();
  let child: ReturnType<typeof spawn> | undefined;

  const start = async (): Promise<void> => {
    writeFileSync(join(folder, "snmpd.conf"), `${lines.join("\n")}\n`);
    child = spawn(
      findProgram("snmpd") ?? "snmpd",
      [
        "-f",
        "-Lf",
        join(folder, "log"),
        "-C",
        "-c",
        join(folder, "snmpd.conf"),
        "-p",
        join(folder, "pid"),
        `udp:127.0.0.1:${port}`,
      ],
      { stdio: "ignore", env: { ...process.env, SNMP_PERSISTENT_DIR: join(folder, "state"), MIBS: "" } },
    );
    await answering(port);
  };
  const halt = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  await start();
  return {
    address: "127.0.0.1",
    port,
    /** Ends it and starts it again: engine boots go up, or back to 1 when it has lost its state. */
    restart: async ({ forget = false }: { forget?: boolean } = {}): Promise<void> => {
      await halt();
      if (forget) rmSync(join(folder, "state"), { recursive: true, force: true });
      await start();
    },
    stop: async (): Promise<void> => {
      await halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** v3 engine discovery (RFC 3414, 4): answered by any agent, whatever its users. */
const DISCOVERY = Buffer.from(
  "303802010330110204000000010203 00ffe304010402010304103 00e0400020100020100040004000400300e04000400a00802010102010002010030 00".replaceAll(
    " ",
    "",
  ),
  "hex",
);

const answering = async (port: number): Promise<void> => {
  const socket = createSocket("udp4");
  let heard = false;
  socket.on("message", () => {
    heard = true;
  });
  socket.on("error", () => {});
  const deadline = systemClock.monotonic() + 15_000;
  while (!heard && systemClock.monotonic() < deadline) {
    socket.send(DISCOVERY, port, "127.0.0.1");
    await systemClock.sleep(50);
  }
  socket.close();
  if (!heard) throw new Error(`snmpd on port ${port} does not answer`);
};
