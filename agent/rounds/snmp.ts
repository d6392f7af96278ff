import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import type { Sighting } from "../../shared/protocol/observation.ts";
import { readSecret } from "../../shared/secret.ts";
import { readNamedFile } from "../host.ts";
import { type DeviceState, deviceStateSchema } from "../probes/snmp/change-check.ts";
import { type DeviceRound, runSnmpRound, type SnmpTarget, stateKey } from "../probes/snmp/round.ts";
import { parseTargets } from "../probes/sweep/targets.ts";
import { loadVendors } from "../probes/sweep/vendor.ts";
import { toMessages } from "../snapshot.ts";
import { parseCredentials } from "../snmp/credentials-file.ts";
import { openBaseline } from "../spool/sqlite.ts";
import { keepYoungHeapSmall } from "../young-heap.ts";
import type { Job } from "./job.ts";
import { nextStates } from "./run-round.ts";
import type { RoundWork } from "./work.ts";

const MAX_ADDRESSES = 65_536;
const MAX_SIGHTINGS = 10_000;

const statesSchema = z.record(z.string(), deviceStateSchema);

/** Lost or damaged memory only costs reading the devices in full once more. */
const readStates = (path: string): ReadonlyMap<string, DeviceState> => {
  try {
    return new Map(Object.entries(statesSchema.parse(JSON.parse(readFileSync(path, "utf8")))));
  } catch {
    return new Map();
  }
};

const targetsOf = async ({
  port,
  targets: asked,
  exclude,
}: Pick<Job & { kind: "snmp" }, "port" | "targets" | "exclude">): Promise<SnmpTarget[]> => {
  const targets = await parseTargets(asked, exclude, async () => []);
  if (targets.size4 > MAX_ADDRESSES)
    throw new RollcallError(
      "usage.target",
      `${targets.size4} addresses are too many for SNMP: at most ${MAX_ADDRESSES}`,
    );
  const four = Array.from({ length: targets.size4 }, (_, i) => targets.at4(i));
  const six = targets.prefixes6.filter(({ length }) => length === 128).map(({ address }) => address);
  return [...four, ...six].map((address) => ({ address, port }));
};

const toSighting = ({ subject, observedAtMs }: DeviceRound): Sighting => ({ subject, method: "snmp", observedAtMs });

/** The scope's devices by SNMP, each compared with what was noted of it last; whoever answered is told as alive. */
export const snmpRound: RoundWork<Extract<Job, { kind: "snmp" }>> = async (job, deps, say) => {
  keepYoungHeapSmall();
  const { env } = deps;
  const credentials = parseCredentials(readNamedFile(job.credentialsFile), (reference) =>
    readSecret(reference, env, readNamedFile),
  );
  const profiles = Object.values(await import("../snmp/profiles/registry.ts"));
  const baseline = openBaseline(job.stateDatabase);
  const states = new Map(readStates(job.statesFile));
  const sightings: Sighting[] = [];
  const wirelessClients = job.personal.includes("wirelessClients");
  const summary = await runSnmpRound(
    { targets: await targetsOf(job), credentials, profiles, realm: job.realm, states, wirelessClients, loadVendors },
    deps,
    (outcome) => {
      if (outcome.status !== "read") return;
      const { subject, observedAtMs, contents, failures, looked, gauges, depth } = outcome;
      const round = { source: "snmp", subject, observedAtMs, contents, failures, looked, gauges } as const;
      const command = job.commandId === undefined ? {} : { commandId: job.commandId };
      for (const body of toMessages({ ...round, ...command, partial: depth === "live" }, baseline))
        say({ kind: "keep", body });
      states.set(stateKey(outcome.target), outcome.state);
      sightings.push(toSighting(outcome));
    },
  );
  baseline.close();
  for (let i = 0; i < sightings.length; i += MAX_SIGHTINGS)
    say({ kind: "keep", body: { kind: "sightings", sightings: sightings.slice(i, i + MAX_SIGHTINGS) } });
  const { read, partial, silent, denied, failed } = summary;
  say({
    kind: "note",
    text: `${read} read (${partial} not to the end), ${silent} silent, ${denied} refused us, ${failed} failed`,
  });
  writeFileSync(nextStates(job.statesFile), JSON.stringify(Object.fromEntries(states)), { mode: 0o600 });
  say({ kind: "states", file: job.statesFile });
};
