import { z } from "zod";
import { subnetDetailSchema, subnetSchema } from "../../../shared/model/place.ts";
import { ProblemError } from "../problem.ts";
import { defineRoute, paging, present, search } from "../route.ts";

const tag = "Places";

export const listSubnets = defineRoute({
  method: "GET",
  path: "/subnets",
  role: "viewer",
  tag,
  summary: "Networks that agents look at or devices have addresses in: how full they are, and who could see them when",
  response: z.object({ items: z.array(subnetSchema) }),
  handler: async ({ deps }) => ({ items: [...(await deps.reads.subnets())] }),
});

export const getSubnet = defineRoute({
  method: "GET",
  path: "/subnets/:cidr",
  role: "viewer",
  tag,
  summary: "One network, and who used its addresses when, in pages",
  description: "The slash of the network is written %2F: /subnets/10.0.4.0%2F22.",
  params: z.object({ cidr: z.string().min(1).max(64) }),
  query: z.strictObject({ ...paging, realm: search.describe("Needed where several realms have such a network") }),
  response: subnetDetailSchema,
  handler: async ({ params: { cidr }, query, deps }) => {
    const answer = await deps.reads.subnet(present({ ...query, cidr }));
    if ("cidr" in answer) return answer;
    if (answer.length === 0) throw new ProblemError("not-found", `There is no network ${cidr}`);
    throw new ProblemError("invalid", `${cidr} is in several realms: add realm= one of ${answer.join(", ")}`);
  },
});
