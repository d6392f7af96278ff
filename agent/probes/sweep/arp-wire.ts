import { createSocket, type Socket } from "node:dgram";
import type { IpAddress } from "../../../shared/ip.ts";
import { type NeighbourRow, readIpNeigh, readProcArp } from "./neighbour-table.ts";

/** The kernel as the ARP sweep sees it; tests put a simulated one in its place. */
export type ArpWire = {
  /** Makes the kernel resolve the address: one byte of UDP to a port that nobody has. */
  readonly send: (address: IpAddress) => void;
  readonly rows: () => NeighbourRow[];
  /** Rows with state and age; undefined where iproute2 is missing. */
  readonly agedRows: (device: string) => Promise<NeighbourRow[] | undefined>;
  /** Asks an address whose MAC the kernel has already: true when it refuses or answers within `timeoutMs`. */
  readonly knock: (address: IpAddress, timeoutMs: number) => Promise<boolean>;
  readonly close: () => void;
};

/** Packets that wait for ARP fill the send buffer of their socket (212,992 bytes hold about 270). */
const PER_SOCKET = 200;
/** The kernel gives up after 3 s, and only then frees what a socket holds back. */
const SOCKET_LIFE_MS = 4_000;
const PAYLOAD = Buffer.alloc(1);

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

/**
 * @param closedPort where the datagrams go.
 * @param failed is told of errors of sends, such as ENETUNREACH when the interface went down.
 * @param after runs a function later; old sockets are closed so, since closing does not drop what waits for ARP.
 */
export const createArpWire = (
  { closedPort, procArpPath }: { closedPort: number; procArpPath: string },
  after: (ms: number, run: () => void) => () => void,
  failed: (error: unknown) => void,
): ArpWire => {
  let socket: Socket | undefined;
  let used = 0;
  const open = new Map<Socket, () => void>();
  const knocks = new Set<() => void>();
  const close = (s: Socket) => {
    const cancel = open.get(s);
    if (!open.delete(s)) return;
    cancel?.();
    s.close();
  };
  const fresh = (): Socket => {
    const made = createSocket("udp4");
    made.on("error", failed);
    if (socket !== undefined) {
      const old = socket;
      open.set(
        old,
        after(SOCKET_LIFE_MS, () => close(old)),
      );
    }
    open.set(made, () => {});
    used = 0;
    return made;
  };
  return {
    send: (address) => {
      if (socket === undefined || used >= PER_SOCKET) socket = fresh();
      used++;
      socket.send(PAYLOAD, closedPort, address, (error) => {
        if (error) failed(error);
      });
    },
    rows: () => readProcArp(procArpPath),
    agedRows: (device) => readIpNeigh(4, device),
    knock: (address, timeoutMs) =>
      new Promise((resolve) => {
        const asked = createSocket("udp4");
        let ended = false;
        const end = (alive: boolean) => {
          if (ended) return;
          ended = true;
          cancel();
          knocks.delete(giveUp);
          asked.close();
          resolve(alive);
        };
        const giveUp = () => end(false);
        const cancel = after(timeoutMs, giveUp);
        knocks.add(giveUp);
        asked.on("error", (error) => end(errorCode(error) === "ECONNREFUSED"));
        asked.on("message", () => end(true));
        asked.once("connect", () => {
          if (!ended) asked.send(PAYLOAD, () => {});
        });
        asked.connect(closedPort, address);
      }),
    close: () => {
      for (const end of [...knocks]) end();
      for (const s of [...open.keys()]) close(s);
    },
  };
};
