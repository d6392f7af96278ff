import type { ConnectorDeps, Desk } from "../../../collector/tickets/connector.ts";
import { freshservice } from "../../../collector/tickets/freshservice.ts";
import { glpi } from "../../../collector/tickets/glpi.ts";
import { glpiV2 } from "../../../collector/tickets/glpi-v2.ts";
import { createHttpClient } from "../../../collector/tickets/http.ts";
import { itop } from "../../../collector/tickets/itop.ts";
import { jiraServiceManagement } from "../../../collector/tickets/jira-service-management.ts";
import { manageEngine } from "../../../collector/tickets/manage-engine.ts";
import { opsgenie } from "../../../collector/tickets/opsgenie.ts";
import { pagerduty } from "../../../collector/tickets/pagerduty.ts";
import { servicenow } from "../../../collector/tickets/servicenow.ts";
import { servicenowEvents } from "../../../collector/tickets/servicenow-events.ts";
import { topdesk } from "../../../collector/tickets/topdesk.ts";
import { webhook } from "../../../collector/tickets/webhook.ts";
import { zammad } from "../../../collector/tickets/zammad.ts";
import { zendesk } from "../../../collector/tickets/zendesk.ts";
import { systemClock } from "../../../shared/clock.ts";
import { silentLog } from "../../../shared/log.ts";
import { createWebhookRoutes, opsgenieRoutes, pagerdutyRoutes, WEBHOOK_SECRET } from "./alerting.ts";
import { glpiRoutes, glpiV2Routes } from "./glpi.ts";
import { itopRoutes, manageEngineRoutes, topdeskRoutes } from "./itop-topdesk-manage-engine.ts";
import { jiraRoutes } from "./jira.ts";
import type { startFakeDesk } from "./server.ts";
import { servicenowEventRoutes, servicenowRoutes } from "./servicenow.ts";
import { freshserviceRoutes, zammadRoutes, zendeskRoutes } from "./zammad-zendesk-freshservice.ts";

/** Every product that has a strict fake, and how its connector is configured against it. */

export const deps: ConnectorDeps = {
  clock: systemClock,
  log: silentLog,
  http: createHttpClient({ timeoutMs: 20_000, maxBytes: 1_048_576 }),
};

export type Product = {
  readonly name: string;
  readonly routes: Parameters<typeof startFakeDesk>[0];
  readonly connect: (baseUrl: string, connectorDeps?: ConnectorDeps) => Desk;
  /** The states of the product that mean "resolved". */
  readonly resolved: readonly string[];
  readonly searchable: boolean;
  readonly owned: boolean;
  /** The product's word for a false alarm, as people say it when they close a ticket; absent where it tells none. */
  readonly said?: string;
  /** Whether it tells what a ticket was merged into. */
  readonly merges?: boolean;
};

const user = { user: "rollcall@example.org", apiToken: "t" };
export const products: readonly Product[] = [
  {
    name: "ServiceNow",
    routes: servicenowRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      servicenow.connect(
        servicenow.configSchema.parse({ baseUrl, user: "u", password: "p", falseCloseCodes: ["Nothing found"] }),
        connectorDeps,
      ),
    resolved: ["6", "7"],
    searchable: true,
    owned: true,
    said: "Nothing found",
    merges: true,
  },
  {
    name: "Jira Service Management",
    routes: jiraRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      jiraServiceManagement.connect(
        jiraServiceManagement.configSchema.parse({
          baseUrl,
          ...user,
          serviceDeskId: "1",
          requestTypeId: "2",
          project: "DEV",
        }),
        connectorDeps,
      ),
    resolved: ["resolved"],
    searchable: true,
    owned: true,
    said: "Won't Do",
    merges: true,
  },
  {
    name: "GLPI",
    routes: glpiRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      glpi.connect(glpi.configSchema.parse({ baseUrl, userToken: "t", falseSolutionTypes: [4] }), connectorDeps),
    resolved: ["5", "6"],
    searchable: true,
    owned: true,
    said: "4",
    merges: true,
  },
  {
    name: "GLPI 11",
    routes: glpiV2Routes,
    connect: (baseUrl, connectorDeps = deps) =>
      glpiV2.connect(
        glpiV2.configSchema.parse({
          baseUrl,
          clientId: "c",
          clientSecret: "s",
          user: "u",
          password: "p",
          falseSolutionTypes: [4],
        }),
        connectorDeps,
      ),
    resolved: ["5", "6"],
    searchable: true,
    owned: true,
    said: "4",
  },
  {
    name: "Zammad",
    routes: zammadRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      zammad.connect(
        zammad.configSchema.parse({ baseUrl, token: "t", group: "Users", customer: "rollcall@example.org" }),
        connectorDeps,
      ),
    resolved: ["closed"],
    searchable: true,
    owned: true,
    said: "false-alarm",
    merges: true,
  },
  {
    name: "Zendesk",
    routes: zendeskRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      zendesk.connect(zendesk.configSchema.parse({ baseUrl, ...user }), connectorDeps),
    resolved: ["solved"],
    searchable: true,
    owned: true,
    said: "false-alarm",
  },
  {
    name: "Freshservice",
    routes: freshserviceRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      freshservice.connect(
        freshservice.configSchema.parse({ baseUrl, apiKey: "k", email: "rollcall@example.org" }),
        connectorDeps,
      ),
    resolved: ["4", "5"],
    searchable: true,
    owned: true,
    said: "false-alarm",
  },
  {
    name: "iTop",
    routes: itopRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      itop.connect(
        itop.configSchema.parse({
          baseUrl,
          user: "u",
          password: "p",
          organisation: "Demo",
          teamId: "1",
          agentId: "2",
          falseResolutionCodes: ["other"],
        }),
        connectorDeps,
      ),
    resolved: ["resolved"],
    searchable: true,
    owned: true,
    said: "other",
    merges: true,
  },
  {
    name: "TOPdesk",
    routes: topdeskRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      topdesk.connect(
        topdesk.configSchema.parse({
          baseUrl,
          login: "u",
          applicationPassword: "p",
          resolvedStatus: "Resolved",
          openStatus: "Open",
          falseClosureCodes: ["Nothing found"],
        }),
        connectorDeps,
      ),
    resolved: ["Resolved"],
    searchable: true,
    owned: true,
    said: "Nothing found",
    merges: true,
  },
  {
    name: "ServiceDesk Plus",
    routes: manageEngineRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      manageEngine.connect(
        manageEngine.configSchema.parse({
          baseUrl,
          authToken: "t",
          requester: "rollcall",
          keyField: "udf_sline_301",
          falseClosureCodes: ["Unable to reproduce"],
        }),
        connectorDeps,
      ),
    resolved: ["Resolved"],
    searchable: true,
    owned: true,
    said: "Unable to reproduce",
  },
  {
    name: "ServiceNow events",
    routes: servicenowEventRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      servicenowEvents.connect(
        servicenowEvents.configSchema.parse({ baseUrl, user: "u", password: "p" }),
        connectorDeps,
      ),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "PagerDuty",
    routes: pagerdutyRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      pagerduty.connect(pagerduty.configSchema.parse({ baseUrl, routingKey: "r".repeat(32) }), connectorDeps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
  {
    name: "Opsgenie",
    routes: opsgenieRoutes,
    connect: (baseUrl, connectorDeps = deps) =>
      opsgenie.connect(opsgenie.configSchema.parse({ baseUrl, apiKey: "k" }), connectorDeps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
    said: "false-alarm",
  },
  {
    name: "Signed webhook",
    routes: createWebhookRoutes(),
    connect: (baseUrl, connectorDeps = deps) =>
      webhook.connect(webhook.configSchema.parse({ url: `${baseUrl}/hook`, secrets: [WEBHOOK_SECRET] }), connectorDeps),
    resolved: ["resolved"],
    searchable: false,
    owned: false,
  },
]; // biome format: keep as a table
