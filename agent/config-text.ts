import type { JsonSchema } from "../shared/config-file.ts";
import { agentConfigFile } from "./config-file.ts";

/** The configuration told to people: the commented example file, from the schema itself. */
type Node = JsonSchema;

const wrap = (text: string, indent: string, width = 100): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `#${indent}# ${one}`);
};

const valueText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** A block for one option: what it does, then the option with its default, commented out. */
const render = (node: Node, indent: string): string[] =>
  Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const said = child.description === undefined ? [] : wrap(child.description, indent);
    if (child.properties !== undefined) return ["", ...said, `#${indent}${name}:`, ...render(child, `${indent}  `)];
    const value = child.default === undefined ? "" : ` ${valueText(child.default)}`;
    const item = child.items?.properties === undefined ? [] : renderItem(child.items, `${indent}  `);
    return ["", ...said, `#${indent}${name}:${value}`, ...item];
  });

const renderItem = (node: Node, indent: string): string[] => {
  const lines = render(node, `${indent}  `);
  return [`#${indent}# each:`, ...lines];
};

/** A file in which everything is commented out, so that it says what holds and changes nothing. */
export const exampleConfig = (): string =>
  [
    "# Configuration of rollcall-agent. Every option shows its default; take the first # of a line away, and of the lines it stands",
    "# under, to change it.",
    "# The same by environment (ROLLCALL_AGENT_COLLECTOR_CA_FILE=...) or --set collector.caFile=...",
    ...render(agentConfigFile.jsonSchema(), ""),
    "",
  ].join("\n");
