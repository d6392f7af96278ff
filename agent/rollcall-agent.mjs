#!/usr/bin/env node
import "../shared/check-node.mjs";

await import("./main.ts");
