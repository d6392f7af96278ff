import { Resolver } from "node:dns/promises";
import type { IpAddress } from "../../../shared/ip.ts";
import { askAll, type MethodDeps, type SweepMethod } from "./method.ts";
import { toHostName } from "./printable.ts";

const AT_ONCE = 16;
const MAX_NAMES = 8;

/** Names by the system's resolver, which is not a target: the summary says whom we asked and how often. */
const run = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<void> => {
  const resolver = new Resolver({ timeout: deps.options.timeoutMs, tries: 1 });
  const servers = resolver.getServers();
  if (servers.length === 0) return deps.note("rdns: no resolver is configured");
  const cancel = () => resolver.cancel();
  deps.signal.addEventListener("abort", cancel, { once: true });
  let silent = 0;
  await askAll(addresses, AT_ONCE, deps.signal, async (address) => {
    // A resolver that doesn't answer is left alone: a timeout for each host would hold everything up.
    if (silent >= AT_ONCE) return;
    try {
      await deps.aside(`DNS ${servers[0]}`, 1);
      const names = await resolver.reverse(address);
      const hostnames = names.flatMap((name) => toHostName(name) ?? []).slice(0, MAX_NAMES);
      silent = 0;
      if (hostnames.length > 0)
        deps.saw({
          address,
          method: "rdns",
          atMs: deps.clock.now(),
          alive: false,
          hostnames,
          detail: { names: hostnames.join(" ") },
        });
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "ETIMEOUT" || error.code === "ECONNREFUSED"))
        silent++;
    }
  });
  deps.signal.removeEventListener("abort", cancel);
  if (silent >= AT_ONCE && !deps.signal.aborted) deps.note(`rdns: the resolver ${servers[0]} does not answer`);
};

export const rdns: SweepMethod = { name: "rdns", purpose: "name", families: [4, 6], packets: () => 0, run };
