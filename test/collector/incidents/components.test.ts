import { describe, expect, it } from "vitest";
import { componentFindings } from "../../../collector/incidents/components.ts";
import { createTrack } from "../../../collector/presence/track.ts";
import type { ChangeRow } from "../../../collector/store/store.ts";
import { createAgentId, createAssetId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/random.ts";

const random = createSeededRandom(1);
const NOW = Date.UTC(2026, 2, 2);
const assetId = createAssetId(NOW, random);
const track = createTrack(
  { assetId, name: "web-1", deviceType: "server", criticality: "normal", lifecycle: "in-use", realm: "site" },
  NOW,
);

const change = (fields: Partial<ChangeRow>): ChangeRow => ({
  changeId: "chg_1",
  assetId,
  kind: "removed",
  section: "memoryModules",
  itemKey: "DIMM_A1",
  observedAtMs: NOW,
  recordedAtMs: NOW,
  actor: { kind: "agent", agentId: createAgentId(NOW, random), method: "local" },
  weight: "critical",
  ...fields,
});
const found = (...changes: ChangeRow[]) =>
  componentFindings(track, changes).map(({ kind, title }) => `${kind}: ${title}`);

describe("component cases", () => {
  it("say which memory module is gone, with its maker and serial", () => {
    const before = { slot: "DIMM_A1", manufacturer: "Samsung", partNumber: "M393A4K40", serialNumber: "12AB" };
    expect(found(change({ before }))).toEqual([
      "component-removed: web-1: memory module Samsung M393A4K40 12AB (DIMM_A1) is gone",
    ]);
  });

  it("tell a swap from a loss: one went, one came in its place", () => {
    const gone = change({
      section: "disks",
      itemKey: "serial:A",
      before: { id: "serial:A", name: "sda", serialNumber: "A" },
    });
    const came = change({
      kind: "added",
      section: "disks",
      itemKey: "serial:B",
      after: { id: "serial:B", name: "sda", serialNumber: "B" },
    });
    expect(found(gone, came)).toEqual(["component-replaced: web-1: disk A (serial:A) was replaced by B (serial:B)"]);
    expect(found(gone)).toEqual(["component-removed: web-1: disk A (serial:A) is gone"]);
  });

  it("are made by a module's serial that changed, and by nothing when only its spelling did", () => {
    const field = { kind: "changed", field: "serialNumber", before: "AA11" } as const;
    expect(found(change({ ...field, after: "BB22" }))).toHaveLength(1);
    expect(found(change({ ...field, after: " aa11 " }))).toEqual([]);
  });

  it("say that the machine is another one when its own serial changed", () => {
    expect(
      found(
        change({ kind: "changed", section: "system", itemKey: "", field: "serialNumber", before: "S1", after: "S2" }),
      ),
    ).toEqual(["came-back-changed: web-1: its serial number was S1, is S2"]);
  });

  it("are not made of USB sticks, virtual interfaces, software or added memory", () => {
    expect(
      found(
        change({ section: "disks", itemKey: "serial:U", before: { kind: "removable", transport: "usb" } }),
        change({ section: "interfaces", itemKey: "veth1", before: { kind: "virtual" } }),
        change({ section: "software", itemKey: "dpkg|curl|amd64", before: { name: "curl" } }),
        change({ kind: "added", after: { slot: "DIMM_A2" } }),
      ),
    ).toEqual([]);
  });

  it("are made of a physical network card that was pulled", () => {
    const before = { id: "eth1", kind: "physical", permanentMac: "00:16:3e:00:00:09" };
    expect(found(change({ section: "interfaces", itemKey: "eth1", before }))).toEqual([
      "component-removed: web-1: network card eth1 is gone",
    ]);
  });

  it("are made of cards and processors without a serial by their model, and not by its spelling", () => {
    const card = { kind: "changed", section: "graphics", itemKey: "0000:01:00.0", field: "model" } as const;
    expect(found(change({ ...card, before: "GeForce GTX 1050", after: "GT 710" }))).toEqual([
      "component-replaced: web-1: graphics card 0000:01:00.0: model was GeForce GTX 1050, is GT 710",
    ]);
    expect(found(change({ ...card, before: "GP107", after: "GP107 [GeForce GTX 1050]" }))).toEqual([]);
    expect(found(change({ ...card, field: "driver", before: "nouveau", after: "nvidia" }))).toEqual([]);
  });

  it("tell a network card that was swapped for one in another slot", () => {
    const nic = (n: number) => ({ id: `eth${n}`, kind: "physical", permanentMac: `00:16:3e:00:00:0${n}` });
    const gone = change({ section: "interfaces", itemKey: "eth1", before: nic(1) });
    const came = change({ kind: "added", section: "interfaces", itemKey: "eth2", after: nic(2) });
    expect(found(gone, came)).toEqual(["component-replaced: web-1: network card eth1 was replaced by eth2"]);
  });

  it("are made of memory that shrank where modules can't be read, and not of guests' or of what a kernel keeps", () => {
    const memory = { kind: "changed", section: "memory", itemKey: "", field: "totalBytes" } as const;
    const shrank = change({ ...memory, before: 16 * 2 ** 30, after: 8 * 2 ** 30 });
    expect(found(shrank)).toEqual(["component-removed: web-1: memory shrank from 16.0 to 8.0 GiB"]);
    expect(found(change({ ...memory, before: 16_700_000_000, after: 16_500_000_000 }))).toEqual([]);
    expect(componentFindings({ ...track, deviceType: "virtual-machine" }, [shrank])).toEqual([]);
    expect(found(shrank, change({ before: { slot: "DIMM_A1" } }))).toHaveLength(1);
  });
});
