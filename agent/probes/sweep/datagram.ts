import { createSocket, type Socket } from "node:dgram";
import { type IpAddress, parseIp } from "../../../shared/ip.ts";

export type Datagrams = {
  readonly send: (bytes: Uint8Array, port: number, address: string) => void;
  readonly close: () => void;
};

/** One UDP socket on a port of the system's choice. Errors of single sends are silence, as on any network. */
export const openDatagrams = (
  family: 4 | 6,
  hear: (bytes: Uint8Array, from: IpAddress, port: number) => void,
  prepare: (socket: Socket) => void = () => {},
): Promise<Datagrams> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    socket.once("error", reject);
    socket.on("message", (bytes, { address, port }) => {
      const from = parseIp(address);
      if (from !== undefined) hear(bytes, from, port);
    });
    socket.bind(0, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => {});
      prepare(socket);
      resolve({
        send: (bytes, port, address) => socket.send(bytes, port, address, () => {}),
        close: () => socket.close(),
      });
    });
  });

/** Lets questions to a group leave by the interface that has this address, and no further than `ttl` hops. */
export const setMulticast = (socket: Socket, address: string, ttl: number): void => {
  socket.setMulticastTTL(ttl);
  socket.setMulticastInterface(address);
};
