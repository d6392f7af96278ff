import type { SectionItem } from "../../../../shared/protocol/sections.ts";
import type { ProbeDeps } from "../../probe.ts";
import type { Tree } from "../tree.ts";

export type Software = SectionItem<"software">;

/** What a source of software is given besides the tree. */
export type SourceContext = {
  readonly tree: Tree;
  /** The distribution, for purls and for telling whose packages are whose. */
  readonly distribution: { readonly id: string | undefined; readonly version: string | undefined };
  readonly deps: ProbeDeps;
};

/** One package manager: its file under this folder and its line in the registry. Throws where its database can't be trusted. */
export type SoftwareSource = {
  readonly name: string;
  readonly read: (context: SourceContext) => readonly Software[] | Promise<readonly Software[]>;
};

export const defineSource = (source: SoftwareSource): SoftwareSource => source;

/** Architecture of what runs anywhere: the same word for every manager ("all" and "noarch" stay as their managers say). */
export const ANY = "any";
