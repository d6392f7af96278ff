import { execFile } from "node:child_process";
import { isIP } from "node:net";
import type { IpAddress } from "../../../shared/ip.ts";
import { isUsableMac, type MacAddress, parseMac } from "../../../shared/mac.ts";
import { askAll, type MethodDeps } from "./method.ts";

/** Each look-up starts `ping` and `arp`, and waits for the ping: seconds for a silent address. */
const AT_ONCE = 8;

const exists = (program: string): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(program, ["-V"], { timeout: 2_000 }, (error) => resolve(error === null || error.code !== "ENOENT"));
  });

type Lookup = (address: string, callback: (error: unknown, answer: unknown) => void) => void;

/**
 * The MAC of one address by node-arp, or undefined. Literals only: the library hands its argument to programs. It tells
 * its failures to console.log, which would break `--json`; that is silenced while it runs.
 */
const lookUp = (getMac: Lookup, address: IpAddress): Promise<MacAddress | undefined> =>
  new Promise((resolve) => {
    if (isIP(address) !== 4) return resolve(undefined);
    getMac(address, (error, answer) => {
      const mac = error || typeof answer !== "string" ? undefined : parseMac(answer);
      resolve(mac !== undefined && isUsableMac(mac) ? mac : undefined);
    });
  });

/** The fallback of ARP where no kernel table can be read (macOS, Windows, a hidden /proc): slow, and one ask an address. */
export const sweepByNodeArp = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<void> => {
  for (const program of ["ping", "arp"])
    if (!(await exists(program)))
      return deps.note(`arp: no neighbour table can be read, and "${program}" is not installed`);
  const { getMAC } = (await import("node-arp")).default;
  const { log } = console;
  console.log = () => {};
  try {
    await askAll(addresses, AT_ONCE, deps.signal, async (address) => {
      await deps.permit(address);
      const startedAt = deps.clock.monotonic();
      const mac = await lookUp(getMAC, address);
      if (mac === undefined) return;
      const latencyMs = deps.clock.monotonic() - startedAt;
      deps.saw({
        address,
        method: "arp",
        atMs: deps.clock.now(),
        alive: true,
        mac,
        latencyMs,
        detail: { by: "node-arp" },
      });
    });
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    console.log = log;
  }
};
