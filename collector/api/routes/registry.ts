export * from "./access.ts";
export * from "./agents.ts";
export * from "./assets.ts";
export * from "./identity.ts";
export * from "./incidents.ts";
export * from "./overview.ts";
export * from "./session.ts";
export * from "./tickets.ts";
