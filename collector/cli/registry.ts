export { backup, restore } from "./backup.ts";
export { desk } from "./desk.ts";
export { rebuild } from "./rebuild.ts";
export { replay } from "./replay.ts";
export { run } from "./run.ts";
export { start } from "./start.ts";
export { token } from "./token.ts";
export { truthlab } from "./truthlab.ts";
export { user } from "./user.ts";
