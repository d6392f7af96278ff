import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkLedger } from "../../../collector/engine/check-ledger.ts";
import { defaultIdentityRules, type IdentityRules } from "../../../collector/identity/rules.ts";
import { readDryRun } from "../../../collector/store/reads/dry-run.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { type IdentityLab, keysOf, openIdentityLab } from "../../support/identity-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { runRollcall } from "../../truthlab/identity-run.ts";
import { simulateSite } from "../../truthlab/identity-site.ts";

const folder = temporaryFolder("dry-run");
const IMAGE = "serial=cisco/IMAGE01";
const MAC = "mac=00:1b:21:0a:00:01";
const MAC2 = "mac=00:1b:21:0a:00:02";
const ignoring = (...keys: readonly string[]): IdentityRules => ({ ...defaultIdentityRules, ignore: keysOf(...keys) });

let lab: IdentityLab;
let stop: (() => Promise<void>) | undefined;
let path: string;
let files = 0;
const open = async () => {
  path = join(folder, `${++files}.db`);
  lab = await openIdentityLab(path);
  stop = lab.stop;
};
afterEach(async () => {
  await stop?.();
  stop = undefined;
});
const tryRules = (rules: IdentityRules) => {
  const db = openDatabase(path, { readOnly: true });
  try {
    const result = readDryRun(db, rules, 1_000_000);
    if (!result) throw new Error("too many observations");
    return result;
  } finally {
    db.close();
  }
};
const setRules = (rules: IdentityRules) =>
  lab.lab.engine().apply({ kind: "identity.rules", rules }, { name: "kim", role: "administrator" });

describe("a dry run of changed rules", () => {
  it("names nothing where the rules are those of today", async () => {
    await open();
    await lab.snmp([IMAGE, MAC, "ip=10.0.0.1"]);
    expect(tryRules(defaultIdentityRules)).toEqual({ observations: 1, merges: [], splits: [], changes: [] });
  });

  it("says which asset would be two without a serial that an image carries, and writes nothing", async () => {
    await open();
    await lab.snmp([IMAGE, MAC], { id: "a" });
    await lab.snmp([IMAGE, MAC2], { id: "b" });
    const [asset, ...more] = (await lab.assets()).map(({ assetId }) => assetId);
    expect(more).toEqual([]);
    const before = checkLedger(path).hash;
    expect(tryRules(ignoring(IMAGE))).toMatchObject({ merges: [], splits: [{ assetId: asset, parts: 2 }] });
    expect(checkLedger(path).hash).toBe(before);
  });

  it("says which assets would be one when a key counts again", async () => {
    await open();
    expect((await setRules(ignoring(IMAGE))).answer.status).toBe("ok");
    await lab.snmp([IMAGE, MAC], { id: "a" });
    await lab.snmp([IMAGE, MAC2], { id: "b" });
    const assets = (await lab.assets()).map(({ assetId }) => assetId).sort();
    expect(assets).toHaveLength(2);
    expect(tryRules(defaultIdentityRules)).toMatchObject({ merges: [assets], splits: [] });
    expect(checkLedger(path).faults).toEqual([]);
  });

  it("knows a reinstalled laptop by its dock at the address that it had", async () => {
    await open();
    const [uuid, dock] = ["hardwareUuid=4c4c4544-0042-3510-8052-b4c04f4e4631", "mac=a0:ce:c8:00:00:01"];
    const old = await lab.agent("old");
    await lab.report(old, [uuid, MAC, "ip=10.0.0.1"]);
    const [asset] = (await lab.assets()).map(({ assetId }) => assetId);
    await old.close("lost");
    lab.pass(3_600_000);
    await lab.report(await lab.agent("fresh"), [uuid, MAC, dock, "ip=10.0.0.1"]);
    await lab.see([dock, "ip=10.0.0.1"]);
    expect((await lab.assets()).map(({ assetId }) => assetId)).toEqual([asset]);
    const without = tryRules(ignoring(uuid, MAC));
    expect(without).toMatchObject({ merges: [], splits: [{ assetId: asset, parts: 2 }] });
  });

  it("keeps apart what a person keeps apart", async () => {
    await open();
    await setRules(ignoring(IMAGE));
    await lab.snmp([IMAGE, MAC], { id: "a" });
    await lab.snmp([IMAGE, MAC2], { id: "b" });
    const [one, other] = (await lab.assets()).map(({ assetId }) => assetId);
    await lab.lab.read((tx) =>
      tx.decisions.add({
        ...{
          decisionId: "dec_apart",
          kind: "separated",
          rule: "kim",
          byHand: true,
          keys: [],
          explanation: "",
          atMs: 0,
        },
        ...(one && other ? { assetId: one, otherAssetId: other } : (undefined as never)),
      }),
    );
    expect(tryRules(defaultIdentityRules).merges).toEqual([]);
  });

  it("says whom a device would be when addresses are kept longer", async () => {
    await open();
    await lab.see([MAC, "ip=10.0.0.1"]);
    lab.pass(48 * 3_600_000);
    await lab.see(["ip=10.0.0.1"], { method: "icmp" });
    const assets = (await lab.assets()).map(({ assetId }) => assetId).sort();
    expect(assets).toHaveLength(2);
    expect(tryRules({ ignore: [], leaseHours: 72 })).toMatchObject({ merges: [assets] });
  });

  it("is not fooled by a site's hard days: the same rules give the same", async () => {
    path = join(folder, "site.db");
    const { lines } = simulateSite({ seed: 3, devices: 120, days: 3 });
    await runRollcall(path, lines, { monotonic: () => 0, cpuMs: () => 0 });
    expect(tryRules(defaultIdentityRules)).toMatchObject({ merges: [], splits: [], changes: [] });
    expect(tryRules(ignoring("mac=00:1b:00:00:00:01")).changes.length).toBeLessThan(5);
  });

  it("rules that are set hold for what is seen again", async () => {
    await open();
    await lab.see([MAC, "ip=10.0.0.1"]);
    await lab.see([MAC, "ip=10.0.0.1"]);
    await setRules(ignoring(MAC));
    await lab.see([MAC, "ip=10.0.0.2"]);
    expect(await lab.holding("ip=10.0.0.2")).not.toEqual(await lab.holding("ip=10.0.0.1"));
  });
});
