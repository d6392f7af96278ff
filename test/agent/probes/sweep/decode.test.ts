import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { berInteger, berNode, berOid, berSequence, berText, decodeBer } from "../../../../agent/probes/sweep/ber.ts";
import { addressOf, decodeDns, encodeQuestion, reverseName } from "../../../../agent/probes/sweep/dns-message.ts";
import { decodeFpingLine, decodePingLine } from "../../../../agent/probes/sweep/echo.ts";
import { decodeProcRoute } from "../../../../agent/probes/sweep/local-network.ts";
import { decodeMdns } from "../../../../agent/probes/sweep/mdns.ts";
import { eui64, macOfEui64 } from "../../../../agent/probes/sweep/ndp.ts";
import { decodeIpNeigh, decodeProcArp, decodeTableStatistics } from "../../../../agent/probes/sweep/neighbour-table.ts";
import { decodeNodeStatus } from "../../../../agent/probes/sweep/netbios.ts";
import { printable, toHostName } from "../../../../agent/probes/sweep/printable.ts";
import { decodeSnmp, encodeDiscovery, encodeGet } from "../../../../agent/probes/sweep/snmp.ts";
import { decodeSsdp } from "../../../../agent/probes/sweep/ssdp.ts";
import { type IpAddress, parseIp } from "../../../../shared/ip.ts";
import type { MacAddress } from "../../../../shared/mac.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");
const ip = (text: string): IpAddress => parseIp(text) as IpAddress;

describe("the kernel's tables", () => {
  it("reads /proc/net/arp: a MAC only where its flags say that it is valid", () => {
    const text = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.10       0x1         0x0         b8:27:eb:00:00:01     *        eth0
192.0.2.11       0x1         0x6         b8:27:eb:00:00:02     *        br-lan
10.8.0.1         0x208       0x2         00:00:00:00:00:00     *        tun0
`;
    expect(decodeProcArp(text)).toEqual([
      { address: "192.0.2.1", device: "eth0", mac: "02:fc:00:00:00:05" },
      { address: "192.0.2.9", device: "eth0" },
      { address: "192.0.2.10", device: "eth0" },
      { address: "192.0.2.11", device: "br-lan", mac: "b8:27:eb:00:00:02" },
    ]);
  });

  it("reads `ip -j -s neigh`, and takes no MAC from a row that failed", () => {
    const json = `[{"dst":"10.77.0.98","dev":"eth0","lladdr":"e2:8b:2b:07:7b:19","refcnt":1,"used":1,"confirmed":4,"updated":1,"probes":4,"state":["STALE"]},
      {"dst":"10.77.0.165","dev":"eth0","used":1,"confirmed":61,"updated":1,"probes":5,"state":["INCOMPLETE"]},
      {"dst":"fe80::1","lladdr":"e2:8b:2b:07:7b:19","router":null,"state":["FAILED"]}, 7, {"dst":5}, {"dst":"x"}]`;
    expect(decodeIpNeigh(json)).toEqual([
      { address: "10.77.0.98", device: "eth0", mac: "e2:8b:2b:07:7b:19", confirmedS: 4, state: "STALE" },
      { address: "10.77.0.165", device: "eth0", confirmedS: 61, state: "INCOMPLETE" },
      { address: "fe80::1", device: "", state: "FAILED" },
    ]);
    expect(decodeIpNeigh("")).toEqual([]);
    expect(decodeIpNeigh("{broken")).toEqual([]);
  });

  it("reads gateways and the table's statistics", () => {
    const route =
      "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t0102000A\t0003\neth0\t0002000A\t00000000\t0001\n";
    expect([...decodeProcRoute(route)]).toEqual([["eth0", "10.0.2.1"]]);
    const statistics = `entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls
000003a0 00000002 00000000 00000000   00000004 00000000 00000000   00000000         00000000         00000000         00000000       00000000            00000001
000003a0 00000002 00000000 00000000   00000005 00000005 00000000   00000000         00000000         00000054         00000000       00000000            0000000a
`;
    expect(decodeTableStatistics(statistics)).toEqual({ entries: 928, tableFulls: 11 });
    expect(decodeTableStatistics("nonsense\n1")).toBeUndefined();
  });
});

describe("SNMP", () => {
  it("writes a GET as RFC 3416 has it, and an engine discovery as RFC 3414 has it", () => {
    expect(Buffer.from(encodeGet(1, "public", 0x1234)).toString("hex")).toBe(
      "3043020101" +
        "0406" +
        "7075626c6963" +
        "a036" +
        "02021234" +
        "020100" +
        "020100" +
        "302a" +
        ["010100", "010200", "010500"].map((end) => `300c06082b06010201${end}0500`).join(""),
    );
  });

  it("reads both answers, and its own request as none", () => {
    const varbind = (oid: string, value: Uint8Array) => berSequence(berOid(oid), value);
    const answer = berSequence(
      berInteger(1),
      berText("public"),
      berNode(
        0xa2,
        berInteger(77),
        berInteger(0),
        berInteger(0),
        berSequence(
          varbind("1.3.6.1.2.1.1.1.0", berText("Lab\u0000 switch\n of\u001b[31m h11")),
          varbind("1.3.6.1.2.1.1.2.0", berOid("1.3.6.1.4.1.8072.3.2.10")),
          varbind("1.3.6.1.4.1.9.9.0", berText("not asked for")),
        ),
      ),
    );
    expect(decodeSnmp(answer)).toEqual({
      requestId: 77,
      detail: { v2c: "answers", sysDescr: "Lab switch of [31m h11", sysObjectID: "1.3.6.1.4.1.8072.3.2.10" },
    });
    const engine = bytes("80001f88802a028c1341f3016b00000000");
    const report = berSequence(
      berInteger(3),
      berSequence(berInteger(99), berInteger(65_507), berText(Uint8Array.of(0)), berInteger(3)),
      berText(berSequence(berText(engine), berInteger(1), berInteger(3), berText(""), berText(""), berText(""))),
      berSequence(),
    );
    expect(decodeSnmp(report)).toEqual({
      requestId: 99,
      detail: { v3: "answers", engineId: Buffer.from(engine).toString("hex"), engineBoots: "1", engineTime: "3" },
    });
    expect(decodeSnmp(encodeGet(1, "public", 5))).toBeUndefined();
    expect(decodeSnmp(encodeDiscovery(5))).toBeUndefined();
  });

  it("survives every cut and every flipped byte", () => {
    const whole = encodeGet(0, "public", 5);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeSnmp(whole.subarray(0, length))).not.toThrow();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const bent = Uint8Array.from(whole);
        bent[at] = value;
        decodeSnmp(bent);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it("bounds what it decodes", () => {
    expect(decodeBer(bytes("0484ffffffff00"))).toBeUndefined();
    expect(decodeBer(bytes("0480"))).toBeUndefined();
    expect(decodeBer(bytes("0405 00"))).toBeUndefined();
    expect(decodeBer(Uint8Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 5 : 0)))).toBeUndefined();
  });
});

describe("DNS, mDNS and NetBIOS", () => {
  it("writes a question", () => {
    expect(Buffer.from(encodeQuestion(7, "a.local", 12, true)).toString("hex")).toBe(
      "000700000001000000000000" + "0161056c6f63616c00" + "000c" + "8001",
    );
    expect(reverseName(ip("10.77.0.5"))).toBe("5.0.77.10.in-addr.arpa");
    expect(reverseName(ip("fd00::1"))).toMatch(/^1\.0\.0\..*\.0\.d\.f\.ip6\.arpa$/);
  });

  const response = (...records: readonly string[]) =>
    bytes(`0000 8400 0000 ${records.length.toString(16).padStart(4, "0")} 0000 0000 ${records.join("")}`);
  const name = (text: string) =>
    `${text
      .split(".")
      .map((l) => l.length.toString(16).padStart(2, "0") + Buffer.from(l).toString("hex"))
      .join("")}00`;
  const record = (owner: string, type: number, data: string) =>
    `${name(owner)} ${type.toString(16).padStart(4, "0")} 0001 00000078 ${(data.replaceAll(" ", "").length / 2).toString(16).padStart(4, "0")} ${data}`;

  it("takes names and services from a speaker about itself only", () => {
    const answer = response(
      record("_services._dns-sd._udp.local", 12, name("_ipp._tcp.local")),
      record("_http._tcp.local", 12, name("My Printer._http._tcp.local")),
      record("Printer.local", 1, "0a4d0014"),
      record("somebody-else.local", 1, "0a4d0099"),
      record("20.0.77.10.in-addr.arpa", 12, name("printer-2.local")),
    );
    expect(decodeMdns(answer, ip("10.77.0.20"))).toEqual({
      hostnames: ["printer.local", "printer-2.local"],
      services: ["_http._tcp", "_ipp._tcp"],
    });
    expect(decodeMdns(answer.with(2, 0), ip("10.77.0.20"))).toBeUndefined();
  });

  it("reads a node status, with the MAC only where there is one", () => {
    const entry = (text: string, suffix: number, flags: number) =>
      Buffer.from(text.padEnd(15)).toString("hex") +
      suffix.toString(16).padStart(2, "0") +
      flags.toString(16).padStart(4, "0");
    const data = (mac: string) =>
      `03 ${entry("H22", 0, 0x400)} ${entry("LABGROUP", 0, 0x8400)} ${entry("H22", 0x20, 0x400)} ${mac} ${"00".repeat(40)}`;
    const status = (mac: string) => response(record(`CK${"A".repeat(30)}`, 33, data(mac)));
    expect(decodeNodeStatus(status("000000000000"))).toEqual({ id: 0, status: { name: "H22", group: "LABGROUP" } });
    expect(decodeNodeStatus(status("001a2b3c4d5e"))?.status.mac).toBe("00:1a:2b:3c:4d:5e");
    expect(decodeNodeStatus(response(record("x", 33, "ff00")))).toBeUndefined();
  });

  it("is not led astray by pointers", () => {
    const loop = "c00c 0001 0001 00000078 0004 0a4d0014";
    expect(decodeDns(response(loop))).toBeUndefined();
    const forward = "c020 0001 0001 00000078 0004 0a4d0014";
    expect(decodeDns(response(forward))).toBeUndefined();
  });

  it("reads the addresses of A and AAAA", () => {
    const [a, aaaa] =
      decodeDns(response(record("a", 1, "0a000001"), record("a", 28, "fd000000000000000000000000000001")))?.records ??
      [];
    expect(a && addressOf(a)).toBe("10.0.0.1");
    expect(aaaa && addressOf(aaaa)).toBe("fd00::1");
  });
});

describe("other texts", () => {
  it("reads fping and ping", () => {
    expect(decodeFpingLine("10.77.0.11 (0.074 ms)")).toEqual({ address: "10.77.0.11", latencyMs: 0.074 });
    expect(decodeFpingLine("10.77.0.11 is unreachable")).toBeUndefined();
    expect(decodePingLine("64 bytes from 10.77.0.11: icmp_seq=1 ttl=64 time=0.100 ms")).toEqual({
      address: "10.77.0.11",
      latencyMs: 0.1,
    });
    expect(decodePingLine("64 bytes from fe80::1%eth0: icmp_seq=1 ttl=64 time=2.5 ms (DUP!)")).toEqual({
      address: "fe80::1",
      latencyMs: 2.5,
    });
    expect(decodePingLine("64 bytes from fd00::aa: icmp_seq=2 ttl=64 time=0.12 ms")?.address).toBe("fd00::aa");
    expect(decodePingLine("From 10.0.0.1 icmp_seq=1 Destination Host Unreachable")).toBeUndefined();
  });

  it("reads SSDP's headers", () => {
    const answer = Buffer.from(
      "HTTP/1.1 200 OK\r\nSERVER: Linux UPnP/1.0 Box/2\r\nST: urn:schemas-upnp-org:device:MediaServer:1\r\nUSN: uuid:1::x\r\nX: y\r\n\r\n",
    );
    expect(decodeSsdp(answer)).toEqual({
      server: "Linux UPnP/1.0 Box/2",
      st: "urn:schemas-upnp-org:device:MediaServer:1",
      usn: "uuid:1::x",
    });
    expect(decodeSsdp(Buffer.from("NOTIFY * HTTP/1.1\r\n\r\n"))).toBeUndefined();
  });

  it("makes the identifier of a MAC and finds the MAC in it", () => {
    const mac = "b8:27:eb:00:01:01" as MacAddress;
    expect(eui64(mac).toString(16)).toBe("ba27ebfffe000101");
    expect(macOfEui64("fd00::ba27:ebff:fe00:101")).toBe(mac);
    expect(macOfEui64("fd00::1")).toBeUndefined();
  });

  it("lets nothing through that would steer a terminal", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const text = printable(data);
        return text.length <= 200 && !/[\p{Cc}\p{Cf}]/u.test(text);
      }),
      { seed: 7 },
    );
    expect(toHostName("Printer-3.Example.")).toBe("printer-3.example");
    expect(toHostName("bad\u001b[2Jname")).toBeUndefined();
    expect(toHostName("..")).toBeUndefined();
  });

  it("throws at nothing that a stranger may send", () => {
    const from = ip("10.0.0.1");
    const decoders = [
      decodeSnmp,
      decodeDns,
      decodeNodeStatus,
      decodeSsdp,
      decodeBer,
      (b: Uint8Array) => decodeMdns(b, from),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (data) => {
        for (const decode of decoders) decode(data);
        const text = Buffer.from(data).toString("latin1");
        for (const decode of [
          decodeProcArp,
          decodeIpNeigh,
          decodeTableStatistics,
          decodeFpingLine,
          decodePingLine,
          decodeProcRoute,
        ])
          decode(text);
      }),
      { seed: 7, numRuns: 3_000 },
    );
  });
});
