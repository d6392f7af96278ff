import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { exitCodes, RollcallError } from "../../shared/errors.ts";
import { isSectionName, type SectionName, sectionNames } from "../../shared/protocol/sections.ts";
import { isTreeRoot, runInventory } from "../probes/local/run.ts";
import type { CliCommand, CliDeps } from "./deps.ts";

const parseSection = (text: string, before: readonly SectionName[] | undefined): readonly SectionName[] => {
  const names = text.split(",").map((name) => name.trim());
  const strange = names.find((name) => !isSectionName(name));
  if (strange !== undefined)
    throw new InvalidArgumentError(`no section is called "${strange}"; there are: ${sectionNames.join(", ")}`);
  return [...(before ?? []), ...(names as SectionName[])];
};

type Options = {
  readonly section?: readonly SectionName[];
  readonly root: string;
  readonly json?: true;
  readonly personal?: true;
  readonly smbios?: string;
  readonly timings?: true;
};

const personalSections: readonly SectionName[] = ["users", "groups", "browserExtensions"];

const showInventory = async (options: Options, deps: CliDeps): Promise<void> => {
  const root = resolve(options.root);
  if (!isTreeRoot(root)) throw new RollcallError("usage.root", `--root ${root} is no folder that can be read`);
  const { clock, log, signal, platform } = deps;
  const inventory = await runInventory(
    {
      root,
      ...(options.section === undefined ? {} : { only: options.section }),
      ...(options.personal === undefined ? {} : { personal: personalSections }),
      ...(options.smbios === undefined ? {} : { smbiosFile: options.smbios }),
    },
    { clock, log, signal, platform },
  );
  const { subject, sections, failures, gauges, timings } = inventory;
  if (options.json) {
    const extra = options.timings === undefined ? {} : { timings };
    deps.stdout.write(`${JSON.stringify({ subject, sections, failures, gauges, ...extra })}\n`);
  } else {
    // The table library is for people only.
    const { renderSheet } = await import("../probes/local/sheet.ts");
    const { isTTY = false, columns = 100 } = deps.stdout;
    deps.stdout.write(
      renderSheet(inventory, {
        colour: isTTY && deps.env["NO_COLOR"] === undefined,
        columns,
        full: options.section !== undefined,
      }),
    );
  }
  // Some sections missing is the ordinary case of an unprivileged run; none at all is a failure.
  if (Object.keys(sections).length === 0 && failures.length > 0) deps.exit(exitCodes.failure);
};

/** `rollcall-agent inventory`: this host, or a recorded tree, as a sheet for a person or as JSON for a program. */
export const inventoryCommand: CliCommand = (deps) =>
  new Command("inventory")
    .description("Shows what this host is made of: hardware, system, network, software.")
    .addOption(
      new Option("-s, --section <names>", "only these sections (several with commas, or the option again)").argParser(
        parseSection,
      ),
    )
    .option("--root <dir>", "read this tree instead of the running host", "/")
    .option("--personal", "also users, groups, and browser and editor extensions")
    .option("--smbios <file>", "the SMBIOS table, where an unprivileged run can't read the kernel's")
    .option("--timings", "with --json: milliseconds that each probe took")
    .option("--json", "one JSON object: subject, sections, failures, gauges")
    .action((options: Options) => showInventory(options, deps));
