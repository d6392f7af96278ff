import { connect } from "node:net";
import type { IpAddress } from "../../../shared/ip.ts";
import { type Answer, askEach, type MethodDeps, type Stops, type SweepMethod } from "./method.ts";

/** Two thousand a second, each open for a second, and some to spare; still few for the limit of open files. */
const MAX_OPEN = 2_200;

/**
 * One attempt: an accepted connection or a refusal both come from a living host. Other errors (no route, host
 * unreachable, reset by a firewall in between is told as a refusal too) are silence.
 */
const tryConnect = (address: IpAddress, port: number, deps: MethodDeps, stops: Stops): Promise<Answer | undefined> =>
  new Promise((resolve) => {
    const startedAt = deps.clock.monotonic();
    const socket = connect({ host: address, port, autoSelectFamily: false });
    const end = (state?: "open" | "refused") => {
      cancel();
      socket.removeAllListeners();
      socket.on("error", () => {});
      // A reset leaves no connection in TIME_WAIT on either side and costs one packet instead of three. On a socket that
      // is still connecting it would wait for the connection.
      if (state === "open") socket.resetAndDestroy();
      else socket.destroy();
      stops.delete(onAbort);
      resolve(state && { latencyMs: deps.clock.monotonic() - startedAt, detail: { [`tcp/${port}`]: state } });
    };
    const onAbort = () => end();
    const cancel = deps.clock.after(deps.patienceMs(address), () => end());
    stops.add(onAbort);
    socket.once("connect", () => {
      deps.charge(2);
      end("open");
    });
    socket.once("error", (error) => {
      deps.failed(error);
      end("code" in error && error.code === "ECONNREFUSED" ? "refused" : undefined);
    });
  });

/** TCP connects to a few ports that most devices have. Needs no rights; a refusal is as good as a welcome. */
export const tcp: SweepMethod = {
  name: "tcp",
  purpose: "ask",
  families: [4, 6],
  packets: ({ tcpPorts }) => tcpPorts.length,
  run: async (addresses, deps) => {
    // Port by port, so that an address is asked at several times and a burst of loss can't hide it.
    for (const port of deps.options.tcpPorts) {
      if (deps.signal.aborted) return;
      await askEach("tcp", addresses, deps, {
        concurrency: MAX_OPEN,
        open: (address, stops) => tryConnect(address, port, deps, stops),
      });
    }
  },
};
