export { backup, restore } from "./backup.ts";
export { run } from "./run.ts";
export { start } from "./start.ts";
export { token } from "./token.ts";
