import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that the system gives to outgoing connections (from 32768 on, ip_local_port_range): else one of those may
 * take the port before the program that is to listen there has it, or between two of its lives.
 */
const [FIRST, END] = [12_000, 32_000];
const given = new Set<number>();

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port);
  const socket = createSocket("udp4").bind(port);
  const outcomes = await Promise.allSettled([once(server, "listening"), once(socket, "listening")]);
  await Promise.all([new Promise((resolve) => server.close(resolve)), new Promise<void>((r) => void socket.close(r))]);
  return outcomes.every(({ status }) => status === "fulfilled");
};

/** A TCP and UDP port that nobody has now, and that this process has not given out before. */
export const freePort = async (): Promise<number> => {
  for (let n = 0; n < 1_000; n++) {
    const port = randomInt(FIRST, END);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no port between ${FIRST} and ${END} is free`);
};
