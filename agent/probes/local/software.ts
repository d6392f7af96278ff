import { z } from "zod";
import { describeError, isRollcallError } from "../../../shared/errors.ts";
import { defineProbe, type SectionFailure } from "../probe.ts";
import { parseOsRelease } from "./os-release.ts";
import * as registry from "./software/registry.ts";
import type { Software, SourceContext } from "./software/source.ts";
import { createTree } from "./tree.ts";

const TIMEOUT_MS = 60_000;

/** Version that distributions are named by in purls: "12", "22.04"; the rolling ones have none. */
const readDistribution = (context: Pick<SourceContext, "tree">): SourceContext["distribution"] => {
  const { tree } = context;
  const release = parseOsRelease(tree.readText("/etc/os-release") ?? tree.readText("/usr/lib/os-release") ?? "");
  return { id: release.id, version: release.version };
};

/**
 * Installed software of every package manager on the host; each manager is a file under software/. One that fails takes
 * the section with it: a list without its packages would read as if all of them had been removed.
 */
export const software = defineProbe({
  name: "software",
  sections: ["software"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const context = { tree, distribution: readDistribution({ tree }), deps };
    const found: Software[] = [];
    const failures: SectionFailure[] = [];
    for (const source of Object.values(registry)) {
      try {
        found.push(...(await source.read(context)));
      } catch (error) {
        if (isRollcallError(error, "probe.timed-out") || deps.signal.aborted) throw error;
        failures.push({ section: "software", kind: "failed", reason: `${source.name}: ${describeError(error)}` });
      }
    }
    return { status: "ok", sections: failures.length > 0 ? {} : { software: found }, failures };
  },
});
