import type { IpAddress } from "../../../shared/ip.ts";
import { isUsableMac, type MacAddress, macFromBytes } from "../../../shared/mac.ts";
import { openDatagrams } from "./datagram.ts";
import { decodeDns, dnsTypes, encodeQuestion } from "./dns-message.ts";
import type { MethodDeps, SweepMethod } from "./method.ts";
import { printable, toHostName } from "./printable.ts";

const PORT = 137;
/** "*" and fifteen zero bytes in NetBIOS' half-ASCII (RFC 1002, 4.2.17): whoever is there tells all its names. */
const WILDCARD = `CK${"A".repeat(30)}`;

export type NetbiosStatus = { readonly name?: string; readonly group?: string; readonly mac?: MacAddress };

/**
 * A NODE STATUS RESPONSE (RFC 1002, 4.2.18): a count, names of 15 bytes with a suffix and two bytes of flags, then the
 * adapter's MAC, which Samba leaves at zero.
 */
export const decodeNodeStatus = (
  bytes: Uint8Array,
): { readonly id: number; readonly status: NetbiosStatus } | undefined => {
  const message = decodeDns(bytes);
  const data = message?.isResponse ? message.records.find((r) => r.type === dnsTypes.NBSTAT)?.data : undefined;
  const count = data?.[0];
  if (message === undefined || data === undefined || count === undefined || data.length < 1 + count * 18)
    return undefined;
  let [name, group]: (string | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    const at = 1 + i * 18;
    const text = printable(data.subarray(at, at + 15));
    const isGroup = ((data[at + 16] as number) & 0x80) !== 0;
    // Suffix 0x00 is the workstation service: the computer's name, or as a group name the workgroup or domain.
    if (data[at + 15] !== 0) continue;
    if (isGroup) group ??= text;
    else name ??= text;
  }
  const mac = macFromBytes(data.subarray(1 + count * 18, 7 + count * 18));
  return {
    id: message.id,
    status: { ...(name && { name }), ...(group && { group }), ...(mac && isUsableMac(mac) && { mac }) },
  };
};

const run = async (addresses: Iterable<IpAddress>, deps: MethodDeps): Promise<void> => {
  const asked = new Map<IpAddress, { readonly id: number; readonly at: number }>();
  const socket = await openDatagrams(4, (bytes, from) => {
    const open = asked.get(from);
    const answer = decodeNodeStatus(bytes);
    if (open === undefined || answer === undefined || answer.id !== open.id) return;
    asked.delete(from);
    const { name, group } = answer.status;
    const hostname = name === undefined ? undefined : toHostName(name);
    deps.saw({
      ...{ address: from, method: "netbios", atMs: deps.clock.now(), alive: true },
      latencyMs: deps.clock.monotonic() - open.at,
      ...(hostname && { hostnames: [hostname] }),
      detail: {
        ...(name && { name }),
        ...(group && { group }),
        ...(answer.status.mac && { adapter: answer.status.mac }),
      },
    });
  });
  try {
    for (const address of addresses) {
      await deps.permit(address);
      const id = Math.floor(deps.random.next() * 65_536);
      asked.set(address, { id, at: deps.clock.monotonic() });
      socket.send(encodeQuestion(id, WILDCARD, dnsTypes.NBSTAT), PORT, address);
    }
    await deps.clock.sleep(deps.options.timeoutMs, deps.signal);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    socket.close();
  }
};

/** Windows, Samba and many printers and disks tell their names to whoever asks. */
export const netbios: SweepMethod = { name: "netbios", purpose: "name", families: [4], packets: () => 1, run };
