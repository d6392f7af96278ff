import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder } from "../../collector/data-folder.ts";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import type { Role } from "../../collector/store/store.ts";
import { systemClock } from "../../shared/clock.ts";
import { systemRandom } from "../../shared/random.ts";
import { type Site, seedSite } from "./site.ts";
import {
  requester,
  resultOf,
  startTestCollector,
  type TestCollector,
  type TestCollectorOptions,
} from "./start-collector.ts";

export type TestSite = TestCollector & {
  readonly site: Site;
  /** A token of the API with this role. */
  readonly token: (role: Role) => Promise<string>;
  /** The path and fragment of a sign-in link. */
  readonly signInLink: (options?: { readonly user?: string; readonly role?: Role }) => Promise<string>;
};

/** A collector whose data folder holds the seeded site already. */
export const startTestSite = async (
  options: TestCollectorOptions & { readonly count?: number } = {},
): Promise<TestSite> => {
  const { clock = systemClock, random = systemRandom, count = 120, ...rest } = options;
  const dataDirectory = mkdtempSync(join(tmpdir(), "rollcall-site-"));
  const { databasePath } = openDataFolder(dataDirectory, { clock, random });
  const store = openSqliteStore(databasePath);
  const site = await seedSite(store, { nowMs: clock.now(), count });
  await store.close();
  const collector = await startTestCollector({ ...rest, clock, random, dataDirectory });
  const { engine } = collector;
  return {
    ...collector,
    site,
    token: async (role) =>
      resultOf<"token.create">(
        await engine.apply({ kind: "token.create", token: { kind: "api", name: `a ${role}`, role } }, requester),
      ).secret,
    signInLink: async ({ user = "admin", role = "administrator" } = {}) => {
      const made = await engine.apply({ kind: "sign-in.create", user, role, withinMs: 600_000 }, requester);
      return `/sign-in#${resultOf<"sign-in.create">(made).code}`;
    },
    stop: async () => {
      await collector.stop();
      rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
      rmSync(`${dataDirectory}.secrets-key`, { force: true });
    },
  };
};
