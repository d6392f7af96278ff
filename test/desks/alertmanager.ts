import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { answersHttp, createServerProcess, type Server } from "./server.ts";

/** A real Alertmanager (Debian package prometheus-alertmanager) on loopback. */
export const createAlertmanager = async (folder: string): Promise<Server & { readonly baseUrl: string }> => {
  const port = await freePort();
  const config = join(folder, "alertmanager.yml");
  writeFileSync(config, "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n");
  const baseUrl = `http://127.0.0.1:${port}`;
  const server = createServerProcess({
    name: "Alertmanager",
    command: "prometheus-alertmanager",
    args: [
      `--config.file=${config}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    env: process.env,
    cwd: folder,
    logFile: join(folder, "server.log"),
    isReady: () => answersHttp(`${baseUrl}/-/ready`),
    deadlineMs: 30_000,
  });
  return { ...server, baseUrl };
};
