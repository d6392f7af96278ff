import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, it } from "vitest";
import { checkLedger } from "../../../collector/engine/check-ledger.ts";
import type { Operation } from "../../../collector/engine/operations.ts";
import { sectionHash, toItems } from "../../../shared/protocol/canonical.ts";
import type { Item } from "../../../shared/protocol/items.ts";
import { keysOf, openIdentityLab } from "../../support/identity-lab.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { runRollcall } from "../../truthlab/identity-run.ts";
import { simulateSite } from "../../truthlab/identity-site.ts";

const folder = temporaryFolder("rebuild");
const story = join(folder, "story.db");
const person = { name: "kim", role: "asset-manager" } as const;
const UUID = "hardwareUuid=4c4c4544-0042-3010-8051-b4c04f4e4d32";
const MAC = "mac=00:1b:21:0a:00:01";
const MAC2 = "mac=00:1b:21:0a:00:02";

const osOf = (version: string) => ({ name: "Debian", version, hostname: "pc1" });
const tell = (version: string) => ({
  kind: "full" as const,
  section: "os" as const,
  hash: sectionHash("os", osOf(version)),
  items: Object.fromEntries(toItems("os", osOf(version))) as Record<string, Item>,
});

/** A host with facts and changes, a join and a split that stand, others that were undone, and addresses that went round. */
beforeAll(async () => {
  const lab = await openIdentityLab(story);
  const agent = await lab.agent("pc");
  const report = async (version: string, ...more: readonly string[]) => {
    lab.pass(60_000);
    const subject = { id: "self", realm: "site", keys: keysOf(UUID, MAC, ...more) };
    const observedAtMs = lab.lab.clock.now();
    const snapshot = { source: "local" as const, subject, observedAtMs, steps: [tell(version)], failures: [] };
    await agent.send({ kind: "snapshot", snapshot });
  };
  const apply = async (operation: Operation): Promise<string> => {
    lab.pass(1_000);
    const { answer } = await lab.lab.engine().apply(operation, person);
    if (answer.status !== "ok") throw new Error(answer.reason);
    return (answer.result as { decisionId?: string }).decisionId ?? "";
  };
  const assetOf = async (key: string) => {
    const [found] = await lab.holding(key);
    if (!found) throw new Error(`nobody has ${key}`);
    return found;
  };
  await lab.see([MAC2, "ip=10.0.0.2"]);
  await report("12", "ip=10.0.0.1");
  await report("13", "ip=10.0.0.1");
  await lab.see([MAC2, "ip=10.0.0.1"]);
  await lab.see([MAC, "ip=10.0.0.2"]);
  await lab.snmp(["serial=cisco/FOC9", "mac=00:1b:21:0b:00:01", "mac=00:1b:21:0b:00:02"]);
  const [host, other, box] = [await assetOf(UUID), await assetOf(MAC2), await assetOf("serial=cisco/FOC9")];
  const written = { owner: "Kim", warrantyUntil: "2027-03-31", note: "line one\nline two" };
  await apply({ kind: "asset.edit", assetId: host, set: { ...written, location: "rack 7" } });
  await apply({ kind: "asset.edit", assetId: host, set: { owner: "Jo" }, release: ["location"] });
  await apply({ kind: "asset.edit", assetId: other, set: { owner: "Alex", price: "10 EUR" } });
  const first = await apply({ kind: "asset.merge", assetId: host, otherAssetId: other });
  await apply({ kind: "asset.undo", assetId: host, decisionId: first });
  await apply({ kind: "asset.merge", assetId: host, otherAssetId: other });
  const split = await apply({ kind: "asset.split", assetId: box, keys: keysOf("mac=00:1b:21:0b:00:01") });
  await lab.see(["mac=00:1b:21:0b:00:01", "ip=10.0.0.9"]);
  await apply({ kind: "asset.undo", assetId: box, decisionId: split });
  await apply({ kind: "asset.split", assetId: box, keys: keysOf("mac=00:1b:21:0b:00:02") });
  await lab.see(["mac=00:1b:21:0b:00:02", "ip=10.0.0.8"]);
  await lab.see(["mac=00:1b:21:0d:00:01", "ip=10.0.0.77"]);
  // A live host's hardware is claimed: a conflict.
  const claimed = ["machineId=5f2a", "serial=dell/7KX20Q2", "mac=00:1b:21:0c:00:01"];
  await lab.report(await lab.agent("owner"), claimed);
  await lab.report(await lab.agent("thief"), claimed);
  expect(await lab.conflicts()).toBe(1);
  await lab.stop();
});

describe("rebuilding from what was kept", () => {
  it("gives what is stored, after joins, splits and what was undone", () => {
    const { faults, counts, hash } = checkLedger(story);
    expect(faults).toEqual([]);
    expect(counts["assets"]).toBeGreaterThan(4);
    expect(counts["sections"]).toBe(1);
    expect(counts["changes"]).toBeGreaterThan(0);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(checkLedger(story).hash).toBe(hash);
  });

  it("names all of a great many faults", () => {
    const path = join(folder, "wrecked.db");
    copyFileSync(story, path);
    const db = new DatabaseSync(path);
    db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
      INSERT INTO asset_keys (asset_id, kind, value, vendor, realm, first_seen_at, last_seen_at)
      SELECT (SELECT min(asset_id) FROM assets), 'mac', 'wrong ' || i, '', 'site', 1, 1 FROM n`);
    db.close();
    expect(checkLedger(path).faults.length).toBeGreaterThanOrEqual(150_000);
  });

  it("gives what is stored, after a site's hard days", async () => {
    const path = join(folder, "site.db");
    const { lines } = simulateSite({ seed: 6, devices: 120, days: 3 });
    await runRollcall(path, lines, { monotonic: () => 0, cpuMs: () => 0 });
    expect(checkLedger(path).faults).toEqual([]);
  });

  const corrupted = (sql: string) => {
    const path = join(folder, "corrupted.db");
    copyFileSync(story, path);
    const db = new DatabaseSync(path);
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
    db.close();
    return checkLedger(path);
  };

  it.each([
    [
      "a key's value",
      "UPDATE asset_keys SET value = '00:1b:21:ff:ff:ff' WHERE value = '00:1b:21:0d:00:01'",
      "asset_keys",
    ],
    [
      "a key's owner",
      "UPDATE asset_keys SET asset_id = (SELECT max(asset_id) FROM assets WHERE merged_into IS NULL) WHERE kind = 'hardwareUuid'",
      "asset_keys",
    ],
    ["a key that is gone", "DELETE FROM asset_keys WHERE kind = 'hardwareUuid'", "asset_keys"],
    [
      "a key's time",
      "UPDATE asset_keys SET last_seen_at = last_seen_at + 86400000000 WHERE kind = 'hardwareUuid'",
      "asset_keys",
    ],
    ["an asset that is gone", "DELETE FROM assets WHERE primary_address = '10.0.0.77'", "assets"],
    ["a join", "UPDATE assets SET merged_into = NULL WHERE merged_into IS NOT NULL", "assets"],
    [
      "a last sighting",
      "UPDATE assets SET last_seen_at = last_seen_at - 1 WHERE primary_address = '10.0.0.77'",
      "assets",
    ],
    [
      "what was observed",
      "UPDATE observations SET keys = replace(keys, '00:1b:21:0d:00:01', '00:1b:21:0d:00:02')",
      "asset_keys",
    ],
    ["a section's hash", "UPDATE sections SET hash = '00000000000000000000000000000000'", "sections"],
    [
      "a section's content",
      "UPDATE sections SET items = replace(items, 'Debian', 'Gentoo'), packed = packed",
      "sections",
    ],
    ["an asset's lifecycle", "UPDATE assets SET lifecycle = 'retired' WHERE primary_address = '10.0.0.77'", "assets"],
    ["an asset's name", "UPDATE assets SET name = name || 'x' WHERE primary_address = '10.0.0.77'", "assets"],
    ["an asset's owner", "UPDATE assets SET book = replace(book, 'Jo', 'Eve') WHERE book LIKE '%2027%'", "assets"],
    ["an asset's presence", "UPDATE assets SET presence = 'away' WHERE primary_address = '10.0.0.77'", "assets"],
    [
      "a fact",
      "UPDATE sections SET items = CAST(replace(CAST(items AS TEXT), 'Debian', 'Gentoo') AS BLOB)",
      "sections",
    ],
    ["what a change was from", `UPDATE changes SET before = '"11"' WHERE field = 'version'`, "changes"],
    ["a change's weight", "UPDATE changes SET weight = 'noise' WHERE field = 'version'", "changes"],
    ["a change's time", "UPDATE changes SET observed_at = observed_at - 1 WHERE field = 'version'", "changes"],
    [
      "a change that says what never was, seal and all",
      `UPDATE changes SET before = '"11"', seal = NULL WHERE field = 'version'`,
      "changes",
    ],
    ["an incident's state", "UPDATE incidents SET state = 'resolved'", "incidents"],
    ["an incident's words", "UPDATE incidents SET body = json_set(body, '$.title', 'all is well')", "incidents"],
    ["an incident that is gone", "DELETE FROM incidents", "incidents"],
    ["a change that is gone", "DELETE FROM changes WHERE change_no = 2", "changes"],
    [
      "a change's asset",
      "UPDATE changes SET asset_id = 'ast_00000000000000000000000000' WHERE field = 'version'",
      "changes",
    ],
  ])("names %s that was corrupted", (_, sql, table) => {
    const { faults } = corrupted(sql);
    expect(faults.map((fault) => fault.table)).toContain(table);
    if (sql.startsWith("UPDATE"))
      expect(new Set(faults.filter((fault) => fault.table === table).map(({ row }) => row)).size).toBeLessThan(5);
    expect(faults.every(({ row, reason }) => row !== "" && reason !== "")).toBe(true);
  });
});
