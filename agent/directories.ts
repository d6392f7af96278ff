import { join } from "node:path";
import type { AgentConfig } from "./config.ts";

export type Directories = { readonly state: string; readonly runtime: string };
type Env = Readonly<Record<string, string | undefined>>;

/** systemd names several folders with colons between; ours is the first. */
const first = (list: string | undefined): string | undefined => list?.split(":")[0] || undefined;

/** Where state and runtime files are: as configured, as systemd made them, as the desktop's conventions say. */
export const directoriesOf = (
  config: Pick<AgentConfig, "stateDirectory" | "runtimeDirectory">,
  env: Env,
): Directories => {
  const home = env["HOME"] ?? "/";
  const state =
    config.stateDirectory ??
    first(env["STATE_DIRECTORY"]) ??
    join(env["XDG_STATE_HOME"] ?? join(home, ".local/state"), "rollcall-agent");
  const user = env["XDG_RUNTIME_DIR"];
  const runtime =
    config.runtimeDirectory ??
    first(env["RUNTIME_DIRECTORY"]) ??
    // A state folder that was named for itself brings its own socket, so that several agents of one user don't meet.
    (user !== undefined && config.stateDirectory === undefined ? join(user, "rollcall-agent") : state);
  return { state, runtime };
};

export const stateDatabasePath = (stateDirectory: string): string => join(stateDirectory, "state.sqlite");
export const pinnedCaPath = (stateDirectory: string): string => join(stateDirectory, "collector-ca.pem");
