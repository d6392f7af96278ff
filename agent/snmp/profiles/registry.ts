/** All profiles: one line a file, in the order of the alphabet. */
export { mikrotikRouteros } from "./mikrotik-routeros.ts";
