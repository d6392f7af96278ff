import { z } from "zod";
import { pageOf } from "../../../shared/model/page.ts";
import { installationSchema, softwareSchema } from "../../../shared/model/software.ts";
import { ProblemError } from "../problem.ts";
import { defineRoute, paging, present, search } from "../route.ts";

const tag = "Software";
const source = z.exactOptional(z.string().min(1).max(256)).describe("The source package's name, whole");
const version = z.exactOptional(z.string().min(1).max(256));

export const listSoftware = defineRoute({
  method: "GET",
  path: "/software",
  role: "viewer",
  tag,
  summary: "Every version of every package that is installed somewhere, by name, in pages",
  query: z.strictObject({
    ...paging,
    q: search,
    manager: search.describe("dpkg, rpm, npm, pip ...; all of it"),
    source,
  }),
  response: pageOf(softwareSchema),
  handler: ({ query: { q, ...query }, deps }) => deps.reads.software(present({ ...query, search: q })),
});

export const listInstallations = defineRoute({
  method: "GET",
  path: "/software/installations",
  role: "viewer",
  tag,
  summary: "Who has a package, in versions between bounds",
  description: `Versions are compared as the package's own manager does: who has openssl before 3.0.13-1 is
\`/software/installations?name=openssl&below=3.0.13-1\`. Without bounds: every version.`,
  query: z.strictObject({
    ...paging,
    name: z.exactOptional(z.string().min(1).max(256)).describe("The package's name, whole; case does not matter"),
    source,
    manager: search.describe("dpkg, rpm, npm, pip ...; all of it"),
    from: version.describe("This version or a later one"),
    through: version.describe("This version or an earlier one"),
    below: version.describe("Earlier than this version"),
  }),
  response: pageOf(installationSchema).extend({ total: z.int().min(0).describe("Hosts, on all pages") }),
  handler: async ({ query, deps }) => {
    if (query.name === undefined && query.source === undefined)
      throw new ProblemError("request.invalid", "Name a package by `name`, or a source package by `source`");
    return deps.reads.installations(present(query));
  },
});
