import { createConfigFile, type Loaded } from "../shared/config-file.ts";
import { type CollectorConfig, collectorConfigSchema, crossFaults } from "./config.ts";

export type LoadedConfig = Loaded<CollectorConfig>;

export const collectorConfigFile = createConfigFile({
  schema: collectorConfigSchema,
  prefix: "ROLLCALL_COLLECTOR_",
  secretOptions: new Set(["mqtt.password"]),
  crossFaults,
});
