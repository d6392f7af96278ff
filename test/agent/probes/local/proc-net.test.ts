import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseFibTrie,
  parseHexIpv4,
  parseHexIpv6Words,
  parseIfInet6,
  parseResolvConf,
  parseRoutes4,
  parseRoutes6,
  parseSockets,
  placeIpv4,
} from "../../../../agent/probes/local/proc-net.ts"; // biome format: keep as a table
import { parseIp } from "../../../../shared/ip.ts";

const route4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth1	0000000A	00000000	0001	0	0	0	000000FF	0	0	0
*	0000A8C0	00000000	0201	0	0	0	0000FFFF	0	0	0
`;

describe("tables under /proc/net", () => {
  it("reads addresses in the byte order of the host", () => {
    expect(parseHexIpv4("010200C0")).toBe("192.0.2.1");
    expect(parseHexIpv6Words("B80D0120000000000000000001000000")).toBe("2001:db8::1");
    expect(parseHexIpv6Words("0000000000000000FFFF00000100007F")).toBe("127.0.0.1");
    expect(parseHexIpv4("xyz")).toBeUndefined();
  });

  it("reads IPv4 routes without those that reject", () => {
    expect(parseRoutes4(route4)).toEqual([
      { destination: "0.0.0.0/0", gateway: "192.0.2.1", interface: "eth0", metric: 100 },
      { destination: "192.0.2.0/24", gateway: "0.0.0.0", interface: "eth0", metric: 0 },
      { destination: "10.0.0.0/8", gateway: "0.0.0.0", interface: "eth1", metric: 0 },
    ]);
  });

  it("reads IPv6 routes without own addresses, multicast and rejections", () => {
    const text = [
      "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0",
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     eth0",
      "fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0",
      "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0",
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo",
    ].join("\n");
    expect(parseRoutes6(text)).toEqual([
      { destination: "fd00::/64", gateway: "::", interface: "eth0", metric: 256 },
      { destination: "::/0", gateway: "fe80::1", interface: "eth0", metric: 1_024 },
    ]);
  });

  it("tells set, derived and privacy addresses apart and leaves deprecated ones out", () => {
    const text = [
      "fe8000000000000000fc00fffe000001 04 40 20 80     eth0",
      "fd000000000000000000000000000002 04 40 00 82     eth0",
      "20010db8000000000000000000000005 04 40 00 01     eth0",
      "20010db8000000000000000000000006 04 40 00 21     eth0",
      "20010db8000000000000000000000007 04 40 00 00     eth0",
    ].join("\n");
    expect(parseIfInet6(text).map(({ address, scope, origin }) => [address, scope, origin])).toEqual([
      ["fe80::fc:ff:fe00:1", "link", "linklayer"],
      ["fd00::2", "global", "manual"],
      ["2001:db8::5", "global", "random"],
      ["2001:db8::7", "global", "linklayer"],
    ]);
  });

  it("finds own IPv4 addresses in the trie and places them by the narrowest direct route", () => {
    const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.2
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
`;
    expect(parseFibTrie(trie)).toEqual(["192.0.2.2", "127.0.0.1"]);
    const routes = parseRoutes4(route4);
    expect(placeIpv4(parseIp("192.0.2.2")!, routes)).toMatchObject({
      interface: "eth0",
      prefixLength: 24,
      scope: "global",
    });
    expect(placeIpv4(parseIp("127.0.0.1")!, routes)).toMatchObject({ interface: "lo", scope: "host" });
    expect(placeIpv4(parseIp("203.0.113.1")!, routes)).toBeUndefined();
  });

  it("lists sockets that listen, not those that talk", () => {
    const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 126 1 000000006f5a1a2b 100 0 0 10 0
   1: 020200C0:EAFC 507100CB:0050 01 00000000:00000000 03:00001322 00000000     0        0 99 3 00000000be07eca2
`;
    expect(parseSockets(tcp, "tcp")).toEqual([{ protocol: "tcp", address: "0.0.0.0", port: 2_024, inode: "126" }]);
    const udp6 = `  sl  local_address                         remote_address                        st tx_queue
  10: 00000000000000000000000000000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 110 0 7734 2 0 0
`;
    expect(parseSockets(udp6, "udp")).toEqual([{ protocol: "udp", address: "::", port: 5_353, inode: "7734" }]);
  });

  it("reads resolv.conf: each server once, the last search list", () => {
    const text =
      "# x\nnameserver 192.0.2.53\nnameserver 2001:DB8::53\nnameserver 192.0.2.53\ndomain old.example\nsearch a.example b.example ; x\n";
    expect(parseResolvConf(text)).toEqual({
      servers: ["192.0.2.53", "2001:db8::53"],
      search: ["a.example", "b.example"],
    });
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        for (const read of [parseRoutes4, parseRoutes6, parseIfInet6, parseFibTrie, parseResolvConf]) read(text);
        parseSockets(text, "tcp");
      }),
    );
  });
});
