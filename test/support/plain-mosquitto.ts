import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { findProgram } from "./requires.ts";
import { until } from "./until.ts";

/** A Mosquitto on loopback that lets everybody do everything: a shared broker at its worst. */
export const startPlainMosquitto = async (): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-broker-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  writeFileSync(
    config,
    [`listener ${port} 127.0.0.1`, "allow_anonymous true", "max_queued_messages 100000", "log_type error", ""].join(
      "\n",
    ),
  );
  const child = spawn(findProgram("mosquitto") ?? "mosquitto", ["-c", config], { stdio: "ignore" });
  const listens = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
  await until("the broker listens", listens, { everyMs: 50 });
  return {
    url: `mqtt://127.0.0.1:${port}`,
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
