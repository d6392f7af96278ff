import { createConfigFile, type Loaded } from "../shared/config-file.ts";
import { type AgentConfig, agentConfigSchema, crossFaults } from "./config.ts";

export type LoadedConfig = Loaded<AgentConfig>;

export const agentConfigFile = createConfigFile({
  schema: agentConfigSchema,
  prefix: "ROLLCALL_AGENT_",
  secretOptions: new Set(["mqtt.password"]),
  crossFaults,
});
