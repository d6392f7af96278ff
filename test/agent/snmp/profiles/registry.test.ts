import { describe, expect, test } from "vitest";
import { identify } from "../../../../agent/snmp/profiles/identify.ts";
import { type Profile, toOid } from "../../../../agent/snmp/profiles/profile.ts";
import * as registry from "../../../../agent/snmp/profiles/registry.ts";
import { rankOf } from "../../../../agent/snmp/profiles/select.ts";
import { reached } from "./reached.ts";
import { device, readerOf } from "./walk.ts";

const profiles: readonly Profile[] = Object.values(registry);

describe("the registry of profiles", () => {
  test("lists every profile under its own name", () => {
    for (const [exported, profile] of Object.entries(registry))
      expect(profile.name.replace(/-(.)/g, (_, c: string) => c.toUpperCase())).toBe(exported);
  });

  test("has no two profiles that fit one device equally well by sysObjectID alone", () => {
    const owners = new Map<string, string>();
    for (const profile of profiles) {
      if (profile.sysDescr !== undefined || profile.present.length > 0 || profile.fallback) continue;
      for (const prefix of profile.prefixes) {
        expect(owners.get(prefix), `${prefix} of ${profile.name}`).toBeUndefined();
        owners.set(prefix, profile.name);
      }
    }
  });

  test("has only profiles that can be reached, with whole OIDs", () => {
    for (const profile of profiles) {
      expect(profile.prefixes.length + profile.present.length + Number(profile.sysDescr !== undefined)).toBeGreaterThan(
        0,
      );
      for (const oid of [...profile.prefixes, ...profile.present]) expect(oid).toMatch(/^\d+(\.\d+)+$/);
    }
  });

  test("has patterns without flags that keep state", () => {
    for (const profile of profiles) expect(profile.sysDescr?.global ?? false).toBe(false);
  });

  test("is reached by a row of the table for every profile", () => {
    expect(new Set(reached.map(([name]) => name))).toEqual(new Set(profiles.map((profile) => profile.name)));
  });
});

test.each(reached)("no other profile fits the device of %s as well", (name, sysObjectID, sysDescr, subtree) => {
  const facts = { sysObjectID: sysObjectID === "" ? undefined : toOid(sysObjectID), sysDescr };
  const fitting = profiles
    .filter((profile) => profile.present.length === 0 || profile.present.includes(toOid(subtree)))
    .map((profile) => ({ name: profile.name, rank: rankOf(profile, facts) }));
  const top = Math.max(...fitting.map(({ rank }) => rank));
  expect(fitting.filter(({ rank }) => rank === top).map((f) => f.name)).toEqual([name]);
});

describe("each profile is chosen for a device of its family", () => {
  test.each(reached)("%s", async (name, sysObjectID, sysDescr, subtree) => {
    const walk = device({ sysObjectID, sysDescr }, subtree === "" ? {} : { [`${subtree}.1.0`]: "x" });
    const identity = await identify(readerOf(walk), { profiles });
    expect(identity.profile).toBe(name);
  });
});
