import type { AgentConfig } from "./config.ts";
import type { Directories } from "./directories.ts";
import type { IdentityFile } from "./identity.ts";

/** Checked before the agent's own process begins (`cli/run.ts`). */
export type AgentSettings = {
  readonly config: AgentConfig;
  readonly directories: Directories;
  readonly identity: IdentityFile;
};

/** The pipe over which the checked settings come from `cli/run.ts`. */
export const SETTINGS_FD = 3;
/** Tells the second process that it is to read arguments and configuration and hand them over. */
export const SETTINGS_VARIABLE = "ROLLCALL_SETTINGS_FD";
