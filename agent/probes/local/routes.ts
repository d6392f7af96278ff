import { z } from "zod";
import { defineProbe } from "../probe.ts";
import { parseRoutes4, parseRoutes6 } from "./proc-net.ts";
import { createTree } from "./tree.ts";

const TIMEOUT_MS = 5_000;
/** A router with a full table has a million; beyond this the file is refused and said to be too large. */
const MAX_BYTES = 16_777_216;

/** Routes of the main table. Sources: /proc/net/route and ipv6_route. Equal paths over one interface are one row. */
export const routes = defineProbe({
  name: "routes",
  sections: ["routes"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const ipv4 = parseRoutes4(tree.readText("/proc/net/route", { maxBytes: MAX_BYTES }) ?? "");
    const ipv6 = parseRoutes6(tree.readText("/proc/net/ipv6_route", { maxBytes: MAX_BYTES }) ?? "");
    return { status: "ok", sections: { routes: [...ipv4, ...ipv6] } };
  },
});
