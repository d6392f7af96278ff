import { execFileSync, spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { until } from "./until.ts";

/** A network namespace with nothing in it but its loopback, where one port leads to the same port here. */
export type Namespace = {
  /** Put before a command to run it there. */
  readonly under: readonly string[];
  readonly stop: () => Promise<void>;
};

const relayCode = `
  const { connect, createServer } = require("node:net");
  const [path, port] = process.argv.slice(1);
  createServer((near) => {
    const far = connect(path);
    for (const [from, to] of [[near, far], [far, near]]) from.pipe(to).on("error", () => from.destroy());
  }).listen(Number(port), "127.0.0.1");
`;

/** Sockets with a path are one for all network namespaces: a relay on each side joins the two loopbacks. Needs root and iproute2. */
export const createNamespace = async (name: string, folder: string, port: number): Promise<Namespace> => {
  const ip = (...args: string[]) => void execFileSync("ip", args);
  const path = join(folder, "relay.sock");
  const outside = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.pipe(to).on("error", () => from.destroy());
  });
  await new Promise<void>((resolve) => outside.listen(path, resolve));
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
  const under = ["ip", "netns", "exec", name];
  const inside = spawn("ip", ["netns", "exec", name, process.execPath, "-e", relayCode, path, String(port)], {
    stdio: "ignore",
  });
  await until("the relay listens", () =>
    execFileSync("ip", [...under.slice(1), "ss", "-Hlnt"], { encoding: "utf8" }).includes(`:${port}`),
  );
  return {
    under,
    stop: async () => {
      const gone = new Promise((resolve) => inside.once("exit", resolve));
      inside.kill("SIGKILL");
      await gone;
      outside.close();
      execFileSync("ip", ["netns", "del", name]);
    },
  };
};
