import { describe, expect, test } from "vitest";
import { enterpriseName } from "../../../../agent/snmp/profiles/enterprise-names.ts";
import { chooseChassis, toEntityRows } from "../../../../agent/snmp/profiles/entity.ts";
import { cleanValue, isModel, isSerial, isVersion } from "../../../../agent/snmp/profiles/hygiene.ts";
import { identify } from "../../../../agent/snmp/profiles/identify.ts";
import { defineProfile } from "../../../../agent/snmp/profiles/profile.ts";
import { candidateProfiles, chooseProfile } from "../../../../agent/snmp/profiles/select.ts";
import { cleanModel, parseSysDescr } from "../../../../agent/snmp/profiles/sys-descr.ts";
import { enterpriseOf, makerOf } from "../../../../agent/snmp/profiles/vendors.ts";
import type { DeviceReader } from "../../../../agent/snmp/reader.ts";
import { device, readerOf } from "./walk.ts";

const without = { profiles: [] };

describe("values", () => {
  test.each([
    "",
    "N/A",
    "n/a",
    "None",
    "unknown",
    "Not Specified",
    "To Be Filled By O.E.M.",
    "Default string",
    "0",
    "000000",
    "00:00:00:00:00:00",
    "FFFFFFFF",
    "<private>",
    "Serial Number",
    "...",
    "????",
    "No such file or directory",
  ])("%s is none", (text) => expect(cleanValue(text)).toBeUndefined());

  test.each([
    ["12.2(55)SE12", true],
    ["v1.2.3", true],
    ["V200R010C00SPC600", true],
    ["V3.1 build 23020310", true],
    ["192.168.1.10", false],
    ["2.28kWh", false],
    ["12.10.2024", false],
    ["EX-4300", false],
  ])("%s is a version: %s", (text, is) => expect(isVersion(text)).toBe(is));

  test.each([
    ["FDO11111AAA", true],
    ["S/N-1234", false],
    ["00:11:22:33:44:55", false],
    ["20240131", false],
    ["1.2.3", false],
    ["Switch", false],
  ])("%s is a serial number: %s", (text, is) => expect(isSerial(text)).toBe(is));

  test.each([
    ["AX-3000T", true],
    ["http://x.example/3", false],
    ["Temperature", false],
    ["10:20:30", false],
  ])("%s is a model: %s", (text, is) => expect(isModel(text)).toBe(is));
});

describe("sysDescr grammar", () => {
  test.each([
    [
      "Acme Corp XR-500 Router, Software Version 4.2.1, Serial: AB1234567",
      { model: "XR-500", version: "4.2.1", serial: "AB1234567" },
    ],
    ["GX24 ProSmart 24-port Switch, 6.3.1.11, B1.0.0.4", { version: "6.3.1.11" }],
    [
      "Product: MX9;Vers: 3.6.18;kernel: 3.15.0;S/N: 382920100006",
      { model: "MX9", version: "3.6.18", serial: "382920100006" },
    ],
    ["Sensor Watch 4E v4.2.4", { model: "Sensor Watch 4E", version: "4.2.4" }],
    ["PDU 230V, 32A, 7.4kVA, 50/60Hz", {}],
    ["Threat Shield, Version 6.4.0 (Build 102), Engine Version 9.1", { version: "6.4.0 (Build 102)" }],
    ["Hardware version: 3.1, Boot version: 2.0", {}],
    ["KX-2616 16-port Gigabit switch 802.3at", { model: "KX-2616" }],
    ["Edge 5520-48T HW:36 FW:6.0.0.10 SW:v6.3.0.011", { version: "6.3.0.011" }],
  ])("%s", (text, expected) => {
    const { model, version, serial } = parseSysDescr(text, ["Acme", "Corp"]);
    expect({ ...("model" in expected && { model }), version, serial }).toEqual({
      version: undefined,
      serial: undefined,
      ...expected,
    });
  });

  test("takes a kernel's release for a kernel's, not for a product's version", () => {
    expect(parseSysDescr("Linux box 5.10.0 #1 SMP aarch64")).toEqual({
      kernel: { name: "Linux", release: "5.10.0", machine: "aarch64" },
    });
  });

  test("drops the maker and the kind of thing from a model", () => {
    expect(cleanModel("TP-Link TL-SG3428 Switch", ["TP-Link"])).toBe("TL-SG3428");
  });

  test("answers in good time to hostile text", () => {
    for (const text of [
      "a".repeat(1000),
      "1.".repeat(500),
      " (".repeat(500),
      "Model: ".repeat(140),
      "v1.1 ".repeat(200),
    ])
      expect(() => parseSysDescr(text, ["Acme"])).not.toThrow();
  });
});

describe("choosing a profile", () => {
  const wide = defineProfile({ name: "wide", sysObjectID: "E.65000", vendor: "Acme" });
  const narrow = defineProfile({ name: "narrow", sysObjectID: "E.65000.1.2", vendor: "Acme" });
  const told = defineProfile({ name: "told", sysObjectID: "E.65000", sysDescr: /^Radio/, vendor: "Acme" });
  const spoken = defineProfile({ name: "spoken", sysDescr: /Acme/, vendor: "Acme" });
  const held = defineProfile({ name: "held", sysObjectID: "E.8072.3.2.10", present: ["E.65000.1"], vendor: "Acme" });
  const host = defineProfile({ name: "host", sysObjectID: "E.8072.3.2.10", fallback: true });
  const all = [host, wide, narrow, told, spoken, held];
  const choose = (sysObjectID: string | undefined, sysDescr: string, existing: readonly string[] = []) =>
    chooseProfile(candidateProfiles(all, { sysObjectID, sysDescr }), new Set(existing))?.name;

  test("the longest prefix wins, by whole arcs", () => {
    expect(choose("1.3.6.1.4.1.65000.1.2.7", "")).toBe("narrow");
    expect(choose("1.3.6.1.4.1.65000.1.20", "")).toBe("wide");
    expect(choose("1.3.6.1.4.1.650001", "")).toBeUndefined();
  });
  test("sysDescr decides between profiles of one prefix", () =>
    expect(choose("1.3.6.1.4.1.65000.9", "Radio 5")).toBe("told"));
  test("a maker's sysObjectID outweighs prose", () => expect(choose("1.3.6.1.4.1.65000.9", "Acme thing")).toBe("wide"));
  test("prose decides where sysObjectID says nothing", () => expect(choose(undefined, "Acme thing")).toBe("spoken"));
  test("an existing subtree tells makers' firmware from a bare host", () => {
    expect(choose("1.3.6.1.4.1.8072.3.2.10", "Linux", ["1.3.6.1.4.1.65000.1"])).toBe("held");
    expect(choose("1.3.6.1.4.1.8072.3.2.10", "Linux")).toBe("host");
  });
});

describe("ENTITY-MIB", () => {
  const row = (index: number, columns: Record<number, string | number>) =>
    device(
      {},
      Object.fromEntries(Object.entries(columns).map(([c, v]) => [`1.3.6.1.2.1.47.1.1.1.1.${c}.${index}`, v])),
    );

  test("takes a stack's identity from its first member, not from a module", () => {
    const rows = toEntityRows([
      ...row(1, { 4: 0, 5: 11, 2: "stack" }),
      ...row(2, { 4: 1, 5: 9, 11: "MODULE00001", 13: "MOD-1" }),
      ...row(1000, { 4: 1, 5: 3, 11: "MEMBER00001", 13: "SW-48" }),
      ...row(2000, { 4: 1, 5: 3, 11: "MEMBER00002", 13: "SW-48" }),
    ]);
    expect(chooseChassis(rows)).toMatchObject({ serial: { value: "MEMBER00001" }, model: { value: "SW-48" } });
  });
  test("has no identity in a table of sensors", () => {
    expect(chooseChassis(toEntityRows(row(7, { 4: 1, 5: 8, 2: "Temperature" })))).toEqual({});
  });
});

describe("a device without a profile", () => {
  test("gets its maker by enterprise number", () => {
    expect(makerOf(enterpriseOf("1.3.6.1.4.1.8691.7.1"))).toEqual({ name: "Moxa", type: "switch" });
    expect(enterpriseOf("1.3.6.1.2.1.33")).toBeUndefined();
    expect(enterpriseName(34278)).toMatch(/Janitza/);
    expect([enterpriseName(0), enterpriseName(4_000_000_000)]).toEqual([undefined, undefined]);
  });

  test("finds model, version and serial number side by side in its own subtree, and says that it guesses", async () => {
    const walk = device(
      { sysObjectID: "E.65000.1", sysDescr: "Gateway", sysName: "BRANCH-0042X" },
      {
        "E.65000.1.1.1.0": "BRANCH-0042X",
        "E.65000.1.1.2.0": "GW-4400-LTE",
        "E.65000.1.1.3.0": "3.11.2",
        "E.65000.1.1.4.0": "GW21A0001234",
        "E.65000.1.2.1.1.2.1": "Port 1",
        "E.65000.1.2.1.1.2.2": "Port 2",
      },
    );
    const identity = await identify(readerOf(walk), without);
    expect(identity.model).toEqual({ value: "GW-4400-LTE", source: "1.3.6.1.4.1.65000.1.1.2.0", confidence: "guess" });
    expect(identity.osVersion).toMatchObject({ value: "3.11.2", confidence: "guess" });
    expect(identity.serialNumber).toMatchObject({ value: "GW21A0001234", confidence: "guess" });
  });

  test("does not take parts, readings, addresses or the modem's numbers for the device's", async () => {
    const walk = device(
      { sysObjectID: "E.65000.1", sysDescr: "Sensor hub" },
      {
        "E.65000.2.1.1.2.1": "Disk 1",
        "E.65000.2.1.1.2.2": "Disk 2",
        "E.65000.2.1.1.2.3": "Disk 3",
        "E.65000.3.1.0": "26.44",
        "E.65000.3.2.0": "192.168.1.20",
        "E.65000.3.3.0": "352099001761481",
        "E.65000.3.4.0": "2024-01-31 10:00:00",
      },
    );
    const identity = await identify(readerOf(walk), without);
    expect([identity.model, identity.osVersion, identity.serialNumber]).toEqual([undefined, undefined, undefined]);
  });

  test("with a profile, is not guessed at where the profile says that there is none", async () => {
    const profile = defineProfile({
      name: "acme",
      sysObjectID: "E.65000",
      vendor: "Acme",
      serialNumber: [],
    });
    const walk = device(
      { sysObjectID: "E.65000.1", sysDescr: "x" },
      { "E.65000.1.1.0": "GW21A0001234", "E.65000.1.2.0": "4.5.6" },
    );
    const identity = await identify(readerOf(walk), { profiles: [profile] });
    expect(identity.serialNumber).toBeUndefined();
    expect(identity).toMatchObject({ profile: "acme", vendor: { value: "Acme", source: "profile" } });
  });

  test("uses the standard MIBs: UPS-MIB, Printer-MIB, LLDP-MED inventory", async () => {
    const ups = await identify(
      readerOf(
        device(
          { sysObjectID: "E.65000.1" },
          {
            "1.3.6.1.2.1.33.1.1.1.0": "Acme Power",
            "1.3.6.1.2.1.33.1.1.2.0": "UP 3000",
            "1.3.6.1.2.1.33.1.1.3.0": "1.4.2",
          },
        ),
      ),
      without,
    );
    expect(ups).toMatchObject({
      type: { value: "ups" },
      model: { value: "UP 3000", confidence: "stated" },
      osVersion: { value: "1.4.2" },
      vendor: { value: "Acme Power" },
    });
    const printer = await identify(
      readerOf(
        device(
          { sysObjectID: "E.65000.1" },
          {
            "1.3.6.1.2.1.25.3.2.1.2.1": { oid: "1.3.6.1.2.1.25.3.1.5" },
            "1.3.6.1.2.1.25.3.2.1.3.1": "Acme Laser 400",
            "1.3.6.1.2.1.43.5.1.1.17.1": "PR0001234",
          },
        ),
      ),
      without,
    );
    expect(printer).toMatchObject({
      type: { value: "printer" },
      model: { value: "Acme Laser 400" },
      serialNumber: { value: "PR0001234" },
    });
  });

  test("is named after its MAC address only where nothing else names the maker", async () => {
    const vendorOfMac = (mac: string) => (mac.startsWith("00:1b:21") ? "Chipworks" : undefined);
    const address = { "1.3.6.1.2.1.2.2.1.6.2": Uint8Array.of(0, 0x1b, 0x21, 0, 0, 1) };
    expect(await identify(readerOf(device({ sysDescr: "box" }, address)), { ...without, vendorOfMac })).toMatchObject({
      vendor: { value: "Chipworks", source: "1.3.6.1.2.1.2.2.1.6.2", confidence: "guess" },
    });
    expect(
      await identify(readerOf(device({ sysObjectID: "E.8691.7.1", sysDescr: "box" }, address)), {
        ...without,
        vendorOfMac,
      }),
    ).toMatchObject({ vendor: { value: "Moxa" } });
  });

  test("says nothing of a device that says nothing", async () => {
    expect(await identify(readerOf([]), without)).toEqual({});
  });
});

describe("hostile devices", () => {
  test("values of any size and octets are survived and refused", async () => {
    const walk = device(
      { sysObjectID: "E.65000.1", sysDescr: "x".repeat(60_000) },
      {
        "E.65000.1.1.0": "S".repeat(60_000),
        "E.65000.1.2.0": Uint8Array.from({ length: 4096 }, (_, i) => i % 256),
        "E.65000.1.3.0": "1.".repeat(5000),
      },
    );
    const identity = await identify(readerOf(walk), without);
    for (const field of [identity.model, identity.osVersion, identity.serialNumber])
      expect((field?.value ?? "").length).toBeLessThan(161);
  });

  test("a GETNEXT that stands still or goes backwards ends the search", async () => {
    let asked = 0;
    const base = readerOf(device({ sysObjectID: "E.8072.3.2.10", sysDescr: "box" }, { "E.65000.1.1.0": "x" }));
    const first = [...(await base.next(["1.3.6.1.4.1.64999"])).values()][0]!;
    const stuck: DeviceReader = {
      ...base,
      next: async (oids) => {
        asked += oids.length;
        return new Map(oids.map((oid) => [oid, first]));
      },
    };
    await identify(stuck, without);
    expect(asked).toBeLessThan(200);
  });

  test("an endless enterprise subtree costs a bounded number of requests", async () => {
    let requests = 0;
    const base = readerOf(device({ sysObjectID: "E.65000.1", sysDescr: "box" }));
    const endless: DeviceReader = {
      ...base,
      next: async (oids) => {
        requests++;
        return new Map(
          oids.flatMap((oid) =>
            oid.startsWith("1.3.6.1.4.1.65000")
              ? [[oid, { oid: `1.3.6.1.4.1.65000.${requests}.1.1.0`, type: 4, value: Buffer.from("junk") }] as const]
              : [],
          ),
        );
      },
      walk: async (roots, options) => {
        requests++;
        const rows = Math.min(options?.maxRows ?? 20_000, 1000);
        const root = typeof roots === "string" ? roots : (roots[0] ?? "1");
        return {
          varbinds: Array.from({ length: rows }, (_, i) => ({
            oid: `${root}.${i + 1}`,
            type: 4,
            value: Buffer.from(`part ${i}`),
          })),
          truncated: [{ root, reason: "rows" as const }],
        };
      },
    };
    await identify(endless, without);
    expect(requests).toBeLessThan(80);
  });
});
