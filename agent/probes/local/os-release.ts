import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { compact, parseAssignments } from "./text.ts";

/** What `man os-release` defines, under our names. A rolling distribution has no version. */
export const parseOsRelease = (text: string): Partial<SectionItem<"os">> => {
  const fields = parseAssignments(text);
  const of = (name: string) => fields.get(name) || undefined;
  return compact({
    name: of("NAME"),
    id: of("ID"),
    version: of("VERSION_ID"),
    versionCodename: of("VERSION_CODENAME"),
    build: of("BUILD_ID") ?? of("IMAGE_VERSION"),
  });
};
