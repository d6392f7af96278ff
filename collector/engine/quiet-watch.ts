import { refused } from "./operations/outcome.ts";
import type { Outcome, Watch } from "./watch.ts";

const nothing: Outcome = {
  commands: [],
  touched: { assets: new Set(), incidents: new Set(), tickets: new Set(), agents: new Set() },
};
const silent = async (): Promise<Outcome> => nothing;

/** Watches nothing: for a process that only writes tokens and users beside a running collector. */
export const quietWatch: Watch = {
  start: silent,
  session: silent,
  sweep: silent,
  sightings: silent,
  goodbye: silent,
  snapshot: silent,
  changes: silent,
  asset: silent,
  tick: silent,
  raise: silent,
  operation: async () => ({ ...nothing, outcome: refused("unavailable", "incidents are not handled here") }),
};
