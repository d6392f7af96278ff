import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDataFolder } from "../../collector/data-folder.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { describeWith } from "../support/requires.ts";
import { type Site, seedSite } from "../support/site.ts";
import { startTestCollector, type TestCollector } from "../support/start-collector.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createCertificates } from "../support/tls.ts";

const program = fileURLToPath(new URL("../../collector/rollcall-collector.mjs", import.meta.url));

describeWith("what people know of assets, as lists", [{ program: "openssl", package: "openssl" }], () => {
  const folder = temporaryFolder("asset-lists");
  const dataDirectory = join(folder, "data");
  const list = join(folder, "list.csv");
  let site: Site;
  let collector: TestCollector;
  let running: string[];

  beforeAll(async () => {
    const { databasePath } = openDataFolder(dataDirectory, { clock: systemClock, random: systemRandom });
    const store = openSqliteStore(databasePath);
    site = await seedSite(store, { nowMs: systemClock.now(), count: 40 });
    await store.close();
  });
  afterAll(() => collector?.stop());

  const assets = async (...args: string[]) => {
    const cli = promisify(execFile)(process.execPath, [program, "assets", ...args, "--data", dataDirectory]);
    const { code, stdout, stderr } = await cli.then(
      (said) => ({ code: 0, ...said }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    return { code, stderr, lines: stdout.trimEnd().split("\n") };
  };
  const importList = (text: string, ...args: string[]) => {
    writeFileSync(list, text);
    return assets("import", list, ...args);
  };
  const text = (owner: string) =>
    `Asset ID;Owner;Warranty until;Price\r\n${site.host};${owner};2027-03-31;"1299.00 EUR"\r\n${site.assets[3]};${owner};;\r\n`;

  it("say what they would do, do it, and do nothing when they are told again", async () => {
    const dry = await importList(text("Kim"), "--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    expect(dry.lines).toEqual([
      `line 2: nb-001 (${site.host}): owner: – → Kim, price: – → 1299.00 EUR, warrantyUntil: – → 2027-03-31`,
      expect.stringMatching(/^line 3: .* owner: – → Kim$/),
      "2 would change, 0 as they should be, 0 refused; nothing was written",
    ]);
    expect((await importList(text("Kim"))).lines.at(-1)).toBe("2 changed, 0 as they should be, 0 refused");
    expect((await importList(text("Kim"))).lines).toEqual([
      "0 would change, 2 as they should be, 0 refused; nothing was written",
    ]);
    const exported = await assets("export");
    expect(exported.lines.find((line) => line.includes(site.host))).toContain("Kim");
    expect((await importList(`${exported.lines.join("\n")}\n`, "--clear-empty")).lines.at(-1)).toMatch(
      /^0 would change, 4\d as they should be, 0 refused/,
    );
  });

  it("write nothing while a row is refused, unless told to leave it out", async () => {
    const bad = `${text("Jo")}ast_00000000000000000000000000;Jo;;\r\n`;
    const refused = await importList(bad);
    expect([refused.code, refused.lines.slice(-2)]).toEqual([
      1,
      [
        "line 4: refused: there is no asset ast_00000000000000000000000000",
        "2 would change, 0 as they should be, 1 refused; nothing was written",
      ],
    ]);
    const rest = await importList(bad, "--skip-refused", "--json");
    expect(JSON.parse(rest.lines.at(-1) ?? "")).toEqual({
      ...{ kind: "summary", written: true, changed: 2, same: 0, refused: 1 },
    });
    const unknown = await importList("asset id,warenty until\n");
    expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining("did you mean warrantyUntil?")]);
    writeFileSync(list, Buffer.from("assetId,owner\nx,M\xfcller\n", "latin1"));
    expect((await assets("import", list)).stderr).toContain("not UTF-8: save it as CSV in UTF-8");
  });

  it("go through the collector while it runs, over TLS, and what it holds in memory follows", async () => {
    const { certFile, keyFile } = createCertificates(folder);
    collector = await startTestCollector({ dataDirectory, config: { listen: { port: 0, certFile, keyFile } } });
    running = ["--set", `listen.port=${new URL(collector.url).port}`].concat(
      ["--set", `listen.certFile=${certFile}`],
      ["--set", `listen.keyFile=${keyFile}`],
    );
    const written = await importList(text("Alex"), ...running);
    expect([written.stderr, written.lines.at(-1)]).toEqual(["", "2 changed, 0 as they should be, 0 refused"]);
    expect(await collector.reads.asset(site.host)).toMatchObject({ owner: "Alex", price: "1299.00 EUR" });
    const [change] = (await collector.reads.changes({ assetId: site.host, limit: 1 })).items;
    expect(change).toMatchObject({ before: "Jo", after: "Alex", actor: { kind: "person", name: "assets import" } });
    const tokens = await collector.reads.tokens();
    expect(tokens.filter(({ name }) => name === "assets import").every(({ revokedAtMs }) => revokedAtMs)).toBe(true);
  });

  it("say why when nobody answers there", async () => {
    const away = await importList(text("Sam"), ...running, "--set", "listen.port=1");
    expect(away.code).not.toBe(0);
    expect(away.stderr).toMatch(/asking the collector at .*:1.*ECONNREFUSED/);
  });
});
