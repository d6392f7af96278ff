import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { auditEntrySchema, meSchema, tokenSchema, userSchema } from "../../shared/model/access.ts";
import { agentSchema, sweepSummarySchema } from "../../shared/model/agent.ts";
import { assetSchema, changeSchema, factSchema } from "../../shared/model/asset.ts";
import { assetDetailSchema, changeRowSchema, sectionSummarySchema } from "../../shared/model/asset-detail.ts";
import { evidenceSchema, incidentSchema, ticketEventSchema, ticketSchema } from "../../shared/model/incident.ts";
import {
  incidentDetailSchema,
  incidentRowSchema,
  ticketDetailSchema,
  ticketRowSchema,
} from "../../shared/model/incident-detail.ts";
import { liveEventSchema, overviewSchema } from "../../shared/model/overview.ts";
import { linkSchema, placeSchema, subnetDetailSchema, subnetSchema } from "../../shared/model/place.ts";
import { problemSchema } from "../../shared/model/problem.ts";
import { installationSchema, softwareSchema } from "../../shared/model/software.ts";
import { assetThenSchema, comparisonSchema } from "../../shared/model/then.ts";

/** Schemas that the document names once and refers to; the registry that holds what fields say of themselves, too. */
const named = z.globalRegistry;
const names = {
  Agent: agentSchema,
  Asset: assetSchema,
  AssetDetail: assetDetailSchema,
  AssetThen: assetThenSchema,
  AuditEntry: auditEntrySchema,
  Change: changeSchema,
  ChangeRow: changeRowSchema,
  Comparison: comparisonSchema,
  Evidence: evidenceSchema,
  Fact: factSchema,
  Incident: incidentSchema,
  Installation: installationSchema,
  IncidentRow: incidentRowSchema,
  IncidentDetail: incidentDetailSchema,
  Link: linkSchema,
  LiveEvent: liveEventSchema,
  Me: meSchema,
  Overview: overviewSchema,
  Place: placeSchema,
  Problem: problemSchema,
  SectionSummary: sectionSummarySchema,
  Software: softwareSchema,
  Subnet: subnetSchema,
  SubnetDetail: subnetDetailSchema,
  SweepSummary: sweepSummarySchema,
  Ticket: ticketSchema,
  TicketRow: ticketRowSchema,
  TicketDetail: ticketDetailSchema,
  TicketEvent: ticketEventSchema,
  Token: tokenSchema,
  User: userSchema,
} as const;
for (const [id, schema] of Object.entries(names)) named.add(schema, { ...named.get(schema), id });

const description = `Assets, their changes, incidents and tickets of a Rollcall collector.

Lists come in pages: repeat the request with \`cursor\` set to the page's \`next\`, with the same filters, until there is none.
Errors are problems (RFC 9457) with a stable \`code\` and a \`remedy\`. Records with a \`version\` carry it as ETag; a write with
\`If-Match\` is refused with 412 when somebody was faster. Times are RFC 3339 in UTC.`;

/** OpenAPI 3.1 at /api/v1/openapi.json, derived from the routes' own schemas. */
export const mountOpenApi = async (app: FastifyInstance, version: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Rollcall", version, description },
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "rollcall-collector token create" },
          session: { type: "apiKey", in: "cookie", name: "rollcall", description: "Set by POST /api/v1/session" },
        },
      },
    },
    transform: createJsonSchemaTransform({ schemaRegistry: named }),
    transformObject: createJsonSchemaTransformObject({ schemaRegistry: named }),
  });
  app.get("/api/v1/openapi.json", { schema: { hide: true } }, async () => app.swagger());
};
