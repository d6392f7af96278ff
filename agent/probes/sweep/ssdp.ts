import type { IpAddress } from "../../../shared/ip.ts";
import { openDatagrams, setMulticast } from "./datagram.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { printable } from "./printable.ts";

const PORT = 1900;
const GROUP = "239.255.255.250";
/** UPnP asks for 2, so that the question stays near. */
const TTL = 2;
const LISTEN_MS = 1_500;

const QUESTION = new TextEncoder().encode(
  `M-SEARCH * HTTP/1.1\r\nHOST: ${GROUP}:${PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n`,
);

/** The headers of an answer (UPnP Device Architecture, 1.3.3) that say what answers; undefined for anything else. */
export const decodeSsdp = (bytes: Uint8Array): Readonly<Record<string, string>> | undefined => {
  const text = Buffer.from(bytes.subarray(0, 4_096)).toString("latin1");
  if (!/^HTTP\/1\.[01] 200/i.test(text)) return undefined;
  const detail: Record<string, string> = {};
  for (const line of text.split("\r\n").slice(1, 40)) {
    const match = /^(server|st|usn)\s*:\s*(.+)$/i.exec(line);
    if (match?.[1] && match[2]) detail[match[1].toLowerCase()] ??= printable(Buffer.from(match[2], "latin1"));
  }
  return detail;
};

/** UPnP devices answer one question to their group, which is no target: the summary lists it. */
export const ssdp: SweepMethod = {
  name: "ssdp",
  purpose: "group",
  families: [4],
  packets: () => 0,
  run: async (_addresses, deps: MethodDeps) => {
    const hear = (bytes: Uint8Array, from: IpAddress) => {
      const detail = deps.targets.contains(from) ? decodeSsdp(bytes) : undefined;
      if (detail !== undefined)
        deps.saw({ address: from, method: "ssdp", atMs: deps.clock.now(), alive: true, detail });
    };
    const sockets = await Promise.all(
      deps.groupLinks.map((link) => openDatagrams(4, hear, (s) => setMulticast(s, link.address, TTL))),
    );
    try {
      for (const socket of sockets) {
        await deps.aside(`SSDP ${GROUP}`, 1);
        socket.send(QUESTION, PORT, GROUP);
      }
      if (sockets.length > 0) await deps.clock.sleep(LISTEN_MS, deps.signal);
    } catch (error) {
      if (!deps.signal.aborted) throw error;
    } finally {
      for (const socket of sockets) socket.close();
    }
  },
};
