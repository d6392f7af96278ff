import { describe, expect, it } from "vitest";
import { parseLibvirtDomain } from "../../agent/probes/local/container-files.ts";
import { describeCpu } from "../../agent/probes/local/cpu.ts";
import { displayMaker } from "../../agent/probes/local/edid.ts";
import { interfaceKind } from "../../agent/probes/local/interfaces.ts";
import { toDeviceType } from "../../agent/probes/snmp/device-type.ts";
import { mapped } from "../../agent/snmp/profiles/rules.ts";
import { parseSets } from "../../collector/cli/set-options.ts";
import { usefulKeys, vendorKey } from "../../collector/identity/keys.ts";
import { toCondition } from "../../collector/query/condition.ts";
import { parse } from "../../collector/query/parse.ts";
import { lookup } from "../../shared/lookup.ts";

/** What every object has without being given it: a hostile device may call itself so. */
const inherited = ["constructor", "toString", "hasOwnProperty", "__proto__"];

describe.each(inherited)("a device that calls itself %s", (name) => {
  it("finds nothing in a table that has no such word, and what is there in one that has", () => {
    expect(lookup({ a: 1 }, name)).toBeUndefined();
    expect(lookup(JSON.parse(`{"${name}":1}`), name)).toBe(1);
  });

  it("is told by that word, and not by what the word means to a program", () => {
    expect(describeCpu(new Map([["vendor_id", name]])).manufacturer).toBe(name);
    expect(describeCpu(new Map([["CPU implementer", name]])).manufacturer).toBeUndefined();
    expect(displayMaker(name)).toBe(name);
    expect(interfaceKind({ devtype: name, type: name } as Parameters<typeof interfaceKind>[0])).toBe("virtual");
    expect(toDeviceType(name, {} as Parameters<typeof toDeviceType>[1])).toBe("appliance");
    const domain = `<domain type='kvm'><name>a</name><memory unit='${name}'>4</memory></domain>`;
    expect(parseLibvirtDomain(domain)?.memoryBytes).toBe(4_096);
    const rule = mapped({ find: () => ({ value: name, source: "x", confidence: "read" }) } as never, { "0": "none" });
    expect(rule.find({} as never)).toBeUndefined();
  });

  it("has keys of its own at the collector", () => {
    expect(vendorKey(name)).toBe(name.toLowerCase());
    const serial = { kind: "serial", vendor: name, value: "ABC123" } as const;
    expect(usefulKeys([serial], [])).toEqual([{ ...serial, vendor: name.toLowerCase() }]);
  });
});

describe.each(inherited)("a person who writes %s", (name) => {
  it("in a query is told what was expected", () => {
    expect(() => toCondition(parse(`provisional:${name}`), 0)).toThrow("expected yes or no");
  });

  it("in --set changes no other object", () => {
    for (const set of [`${name}.prototype.harm=1`, `${name}.harm=1`, `${name}=1`])
      try {
        parseSets([set]);
      } catch (error) {
        expect(error).toMatchObject({ code: "usage.set" });
      }
    expect("harm" in {}).toBe(false);
    expect("harm" in Object).toBe(false);
  });
});
