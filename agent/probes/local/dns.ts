import { z } from "zod";
import { defineProbe } from "../probe.ts";
import { parseResolvConf } from "./proc-net.ts";
import { createTree, type Tree } from "./tree.ts";

const isStub = (servers: readonly string[]): boolean =>
  servers.length > 0 && servers.every((s) => /^127\.0\.0\.5[34]$/.test(s));

/** systemd-resolved puts itself into resolv.conf and keeps whom it asks in a file of its own. */
const readDns = (tree: Tree) => {
  const own = parseResolvConf(tree.readText("/etc/resolv.conf") ?? "");
  const upstream = tree.readText("/run/systemd/resolve/resolv.conf");
  if (!isStub(own.servers) || upstream === undefined) return own;
  const behind = parseResolvConf(upstream);
  return { servers: behind.servers, search: own.search.length > 0 ? own.search : behind.search };
};

const TIMEOUT_MS = 5_000;

/** Name servers and search domains. */
export const dns = defineProbe({
  name: "dns",
  sections: ["dns"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const { servers, search } = readDns(tree);
    const content = { servers: [...servers], ...(search.length > 0 ? { search: [...search] } : {}) };
    return servers.length === 0 ? { status: "no-data" } : { status: "ok", sections: { dns: content } };
  },
});
