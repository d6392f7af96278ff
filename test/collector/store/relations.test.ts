import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRelations } from "../../../collector/store/reads/relations.ts";
import { openDatabase } from "../../../collector/store/sqlite/database.ts";
import { type AssetId, createAssetId } from "../../../shared/ids.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { Item } from "../../../shared/protocol/items.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { type IdentityLab, keysOf, openIdentityLab } from "../../support/identity-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const path = join(temporaryFolder("relations"), "lab.db");
const GUEST = "4c4c4544-0042-3010-8051-b4c04f4e4d32";
const CLONED = "4c4c4544-0051-4d10-8035-c7c04f564433";

let lab: IdentityLab;
const stepOf = (section: SectionName, content: unknown) => ({
  ...{ kind: "full" as const, section, hash: sectionHash(section, content) },
  items: Object.fromEntries(toItems(section, content)) as Record<string, Item>,
});
const tell = async (name: string, keys: readonly string[], section?: SectionName, content?: unknown) => {
  const agent = await lab.agent(name);
  lab.pass(1_000);
  const subject = { id: "self", realm: "site", keys: keysOf(...keys) };
  const steps = section === undefined ? [] : [stepOf(section, content)];
  const observedAtMs = lab.lab.clock.now();
  await agent.send({ kind: "snapshot", snapshot: { source: "local", subject, observedAtMs, steps, failures: [] } });
};
const assetOf = async (key: string): Promise<AssetId> => {
  const [found] = await lab.holding(key);
  if (!found) throw new Error(`nobody has ${key}`);
  return found;
};
const relationsOf = (assetId: AssetId) => {
  const db = openDatabase(path, { readOnly: true });
  try {
    return readRelations(db, assetId);
  } finally {
    db.close();
  }
};

beforeAll(async () => {
  lab = await openIdentityLab(path);
  await tell("guest", [`hardwareUuid=${GUEST}`, "mac=00:1b:21:0a:00:01", "hostname=guest"]);
  for (const n of [3, 4]) await tell(`copy${n}`, [`hardwareUuid=${CLONED}`, `mac=00:1b:21:0a:00:0${n}`]);
  await tell("host", ["serial=dell/HOST001", "hostname=host"], "virtualMachines", [
    { hypervisor: "kvm", id: "1", name: "guest-vm", uuid: GUEST.toUpperCase(), state: "running" },
    { hypervisor: "kvm", id: "2", name: "copied", uuid: CLONED },
    { hypervisor: "kvm", id: "3", name: "never seen", uuid: "4c4c4544-0000-4d10-8035-c7c04f560000" },
  ]);
  await lab.see(["mac=00:1b:21:0c:00:01", "ip=10.0.0.50"]);
  await tell("wlc", ["serial=cisco/WLC0001"], "accessPoints", [{ id: "ap1", name: "Lobby", mac: "00:1b:21:0c:00:01" }]);
  await tell("stack", ["serial=cisco/FOC0001"], "modules", [
    { entPhysicalIndex: 1, entPhysicalClass: "chassis", entPhysicalName: "Switch 1", entPhysicalSerialNum: "FOC0001" },
    { entPhysicalIndex: 2, entPhysicalClass: "chassis", entPhysicalName: "Switch 2", entPhysicalSerialNum: "FOC0002" },
    { entPhysicalIndex: 3, entPhysicalClass: "fan", entPhysicalName: "Fan" },
  ]);
  await tell("single", ["serial=cisco/FOC0009"], "modules", [
    { entPhysicalIndex: 1, entPhysicalClass: "chassis", entPhysicalName: "Switch 1", entPhysicalSerialNum: "FOC0009" },
  ]);
});
afterAll(() => lab.stop());

describe("relations between assets", () => {
  it("tell a host's guests, and a guest's host; a copied UUID names nobody", async () => {
    const [host, guest] = [await assetOf("serial=dell/HOST001"), await assetOf(`hardwareUuid=${GUEST}`)];
    expect(relationsOf(host)).toMatchObject([
      { kind: "runs", name: "guest-vm", state: "running", assetId: guest, toldBy: host },
      { kind: "runs", name: "copied" },
      { kind: "runs", name: "never seen" },
    ]);
    expect(relationsOf(host)?.map(({ assetId }) => assetId)).toEqual([guest, undefined, undefined]);
    expect(relationsOf(guest)).toMatchObject([{ kind: "runs-on", assetId: host, toldBy: host }]);
    expect(relationsOf(await assetOf("mac=00:1b:21:0a:00:03"))).toEqual([]);
  });

  it("tell a controller's access points, and an access point's controller", async () => {
    const [controller, ap] = [await assetOf("serial=cisco/WLC0001"), await assetOf("mac=00:1b:21:0c:00:01")];
    expect(relationsOf(controller)).toMatchObject([{ kind: "controls", name: "Lobby", assetId: ap }]);
    expect(relationsOf(ap)).toMatchObject([{ kind: "controlled-by", assetId: controller }]);
  });

  it("tell a stack's members, and nothing of a device with one chassis", async () => {
    const names = relationsOf(await assetOf("serial=cisco/FOC0001"));
    expect(names?.map(({ kind, name }) => [kind, name])).toEqual([
      ["has-member", "Switch 1"],
      ["has-member", "Switch 2"],
    ]);
    expect(relationsOf(await assetOf("serial=cisco/FOC0009"))).toEqual([]);
  });

  it("are undefined for an asset that is not there", () => {
    expect(relationsOf(createAssetId(0, createSeededRandom(99)))).toBeUndefined();
  });
});
