import { createSocket } from "node:dgram";
import { isIP } from "node:net";
import type { IpAddress } from "../../../shared/ip.ts";
import { type Answer, askEach, type MethodDeps, type Stops, type SweepMethod } from "./method.ts";

/** Two thousand a second, each open for a second, and some to spare; still few for the limit of open files. */
const MAX_OPEN = 2_200;
const PAYLOAD = Buffer.alloc(1);

/** A connected socket is told of the ICMP refusal as ECONNREFUSED; an unconnected one would never hear of it. */
const knock = (address: IpAddress, deps: MethodDeps, stops: Stops): Promise<Answer | undefined> =>
  new Promise((resolve) => {
    const startedAt = deps.clock.monotonic();
    const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
    let ended = false;
    const end = (answer?: "refused" | "answered") => {
      if (ended) return;
      ended = true;
      cancel();
      stops.delete(onAbort);
      socket.close();
      const detail = { [`udp/${deps.options.closedPort}`]: answer ?? "" };
      resolve(answer && { latencyMs: deps.clock.monotonic() - startedAt, detail });
    };
    const onAbort = () => end();
    const cancel = deps.clock.after(deps.patienceMs(address), () => end());
    stops.add(onAbort);
    socket.on("error", (error) => {
      deps.failed(error);
      end("code" in error && error.code === "ECONNREFUSED" ? "refused" : undefined);
    });
    socket.on("message", () => end("answered"));
    // An event, not a callback: the callback would be called for a failure, too, and sending would then throw.
    socket.once("connect", () => {
      if (!ended) socket.send(PAYLOAD, () => {});
    });
    socket.connect(deps.options.closedPort, address);
  });

/** A datagram to a port nobody has: a living host refuses it within milliseconds unless a firewall swallows it. */
export const udp: SweepMethod = {
  name: "udp",
  purpose: "ask",
  families: [4, 6],
  packets: () => 1,
  run: (addresses, deps) =>
    askEach("udp", addresses, deps, { concurrency: MAX_OPEN, open: (address, stops) => knock(address, deps, stops) }),
};
