import "../../shared/check-node.mjs";

const { main } = await import("./lab-by-hand.ts");
process.exitCode = await main(process.argv.slice(2));
