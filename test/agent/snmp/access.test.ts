import { describe, expect, it } from "vitest";
import { createCredentialMemory } from "../../../agent/snmp/access.ts";
import { orderCredentials, type SnmpCredential } from "../../../agent/snmp/credentials.ts";
import { parseCredentials } from "../../../agent/snmp/credentials-file.ts";
import { readDevice } from "../../../agent/snmp/inventory.ts";
import type { DeviceReader } from "../../../agent/snmp/reader.ts";
import { readerOf } from "../../support/snmp-varbinds.ts";

const community = (name: string): SnmpCredential => ({ version: "2c", name, community: name });
const user = (name: string, level: "noAuthNoPriv" | "authNoPriv" | "authPriv"): SnmpCredential => ({
  version: "3",
  name,
  user: name,
  level,
  authProtocol: "sha256",
  authKey: "12345678",
  privProtocol: "aes128",
  privKey: "12345678",
});

describe("credentials", () => {
  it("are tried most secure first, else as given", () => {
    const given = [
      community("a"),
      user("n", "noAuthNoPriv"),
      community("b"),
      user("p", "authPriv"),
      user("q", "authNoPriv"),
    ];
    expect(orderCredentials(given).map(({ name }) => name)).toEqual(["p", "q", "n", "a", "b"]);
  });

  it("are remembered per device: success first, failures left out for a while", () => {
    let now = 0;
    const memory = createCredentialMemory({ clock: { monotonic: () => now }, failureTtlMs: 1_000 });
    const all = ["a", "b", "c"].map(community);
    const order = () => memory.order("10.0.0.1|161", all).map(({ name }) => name);
    memory.failed("10.0.0.1|161", "a");
    expect(order()).toEqual(["b", "c"]);
    memory.worked("10.0.0.1|161", "c");
    expect(order()).toEqual(["c", "b"]);
    now = 1_000;
    expect(order()).toEqual(["c", "a", "b"]);
    memory.failed("10.0.0.1|161", "c");
    expect(order()).toEqual(["a", "b"]);
    expect(memory.order("10.0.0.2|161", all)).toEqual(all);
  });

  it("are remembered for a bounded number of devices", () => {
    const memory = createCredentialMemory({ clock: { monotonic: () => 0 }, maxAddresses: 2 });
    for (const address of ["x", "y", "z"]) memory.failed(address, "a");
    expect(memory.order("x", [community("a")])).toHaveLength(1);
    expect(memory.order("z", [community("a")])).toHaveLength(0);
  });
});

describe("the file of credentials", () => {
  const secret = (reference: string) => (reference === "env:C" ? "gopher" : reference);
  it("is a list of communities and users, versions as numbers or texts", () => {
    const text =
      "- {version: 2c, community: env:C}\n- {version: 1, community: old, name: printers}\n- {version: 3, user: u, level: authPriv, authKey: 12345678, privKey: abcdefgh}";
    expect(parseCredentials(text, secret)).toMatchObject([
      { version: "2c", name: "credential 1", community: "gopher" },
      { version: "1", name: "printers" },
      { version: "3", user: "u", authProtocol: "sha256", privProtocol: "aes128", authKey: "12345678" },
    ]);
  });
  it.each([
    ["- {version: 3, user: u, level: authPriv, authKey: s3cret, privKey: abcdefgh}", /at least 8 characters/],
    ["- {version: 2c, comunity: s3cret-text}", /entry 1: community/],
    ["- {version: 4, community: s3cret-text}", /entry 1: version/],
    ["- {version: 2c, community: s3cret-text, name: a}\n- {version: 1, community: b, name: a}", /"a" is there twice/],
    ["a: [s3cret-text", /not YAML/],
    ["s3cret-text", /expected a list/],
  ])("tells what is wrong with %s, and no secret", (text, message) => {
    expect(() => parseCredentials(text, secret)).toThrow(message);
    expect(() => parseCredentials(text, secret)).not.toThrow(/s3cret/);
  });
});

describe("a switch with a bridge for each VLAN", () => {
  const base = `1.3.6.1.2.1.1.1.0|4|Catalyst
    1.3.6.1.2.1.17.1.4.1.2.1|2|10101
    1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.10|2|1
    1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.20|2|1
    1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.1002|2|1`;
  const vlan10 = readerOf("1.3.6.1.2.1.17.1.4.1.2.4|2|10104\n1.3.6.1.2.1.17.4.3.1.2.0.27.33.0.0.1|2|4");

  it("is asked for each VLAN's entries in that VLAN's context", async () => {
    const asked: string[] = [];
    const reader: DeviceReader = {
      ...readerOf(base),
      inContext: (context) => {
        asked.push(context);
        return context === "10" ? vlan10 : readerOf("1.3.6.1.2.1.1.1.0|4|x");
      },
    };
    const { fdb } = await readDevice(reader, { profiles: [] });
    expect(asked).toEqual(["10", "20"]);
    expect(fdb).toEqual([{ mac: "00:1b:21:00:00:01", port: 4, ifIndex: 10_104, vlan: 10 }]);
  });
});
