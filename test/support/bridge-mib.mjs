// BRIDGE-MIB (RFC 4188) of a Linux bridge, for snmpd's `pass_persist`: `bridge-mib.mjs BRIDGE`. Rows come from the bridge
// itself, read again after two seconds; port numbers are interface indexes.
import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";

const [bridge = "br0"] = process.argv.slice(2);
const BASE = [1, 3, 6, 1, 2, 1, 17];
const compare = (a, b) => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
};
const json = (...argv) => JSON.parse(execFileSync(argv[0], argv.slice(1), { encoding: "utf8" }) || "[]");

const readRows = () => {
  const links = json("ip", "-j", "link", "show", "master", bridge);
  const indexOf = new Map(links.map(({ ifname, ifindex }) => [ifname, ifindex]));
  const rows = [
    [[...BASE, 1, 2, 0], "integer", String(links.length)],
    [[...BASE, 1, 3, 0], "integer", "2"],
  ];
  for (const { ifindex } of links) {
    rows.push([[...BASE, 1, 4, 1, 1, ifindex], "integer", String(ifindex)]);
    rows.push([[...BASE, 1, 4, 1, 2, ifindex], "integer", String(ifindex)]);
  }
  for (const { mac, ifname, state, flags = [] } of json("bridge", "-j", "fdb", "show", "br", bridge)) {
    if (state === "permanent" || flags.includes("self") || !indexOf.has(ifname)) continue;
    const octets = mac.split(":").map((part) => Number.parseInt(part, 16));
    rows.push([[...BASE, 4, 3, 1, 1, ...octets], "octet", mac.replaceAll(":", " ")]);
    rows.push([[...BASE, 4, 3, 1, 2, ...octets], "integer", String(indexOf.get(ifname))]);
    rows.push([[...BASE, 4, 3, 1, 3, ...octets], "integer", "3"]);
  }
  return rows.sort(([a], [b]) => compare(a, b));
};

let rows = [];
let readAt = Number.NEGATIVE_INFINITY;
const fresh = () => {
  if (performance.now() - readAt > 2_000) {
    rows = readRows();
    readAt = performance.now();
  }
  return rows;
};
const answer = (row) => process.stdout.write(row ? `.${row[0].join(".")}\n${row[1]}\n${row[2]}\n` : "NONE\n");

let command;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "PING") process.stdout.write("PONG\n");
  else if (command === undefined) command = line;
  else {
    const oid = line.replace(/^\./, "").split(".").map(Number);
    answer(fresh().find(([own]) => (command === "get" ? compare(own, oid) === 0 : compare(own, oid) > 0)));
    command = undefined;
  }
}
