/**
 * Options of V8 for a process that lives a second: compiling for speed and letting the heap grow beforehand cost an inventory
 * some 18 MiB of its 100 and win it no CPU time. Sweeps and SNMP rounds live long enough to need both.
 */
export const leanOptions = ["--no-opt", "--no-maglev", "--no-sparkplug", "--semi-space-growth-factor=1"] as const;
