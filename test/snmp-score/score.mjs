// The script behind `npm run score`: says clearly when Node is too old to run TypeScript, then hands over to score.ts.
import "../../shared/check-node.mjs";

await import("./score.ts");
