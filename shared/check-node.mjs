// Imported first by every entry point: plain JavaScript that any Node can parse, so that an old one gets a sentence, not a stack.
const needed = [24, 12];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `rollcall needs Node ${needed.join(".")} or newer, this is ${process.versions.node}: ` +
      "run it through npm (npm start, npm run agent), which brings its own, or install a newer Node\n",
  );
  process.exit(78);
}
