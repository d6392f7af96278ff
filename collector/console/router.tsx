import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from "@tanstack/react-router";
import { ApiError } from "./client.ts";
import { NotFound } from "./parts/not-found.tsx";
import { Shell } from "./parts/shell.tsx";
import { Failed, Loading } from "./parts/states.tsx";
import { queries } from "./queries.ts";

type Context = { readonly queryClient: QueryClient };

/** What may stand in the address line: known names, short texts; anything else is dropped, not believed. */
const searchOf =
  <N extends string>(...names: readonly N[]) =>
  (raw: Record<string, unknown>): { [K in N]?: string | undefined } => {
    const out: { [K in N]?: string | undefined } = {};
    for (const name of names) {
      const value = raw[name];
      if (typeof value === "string" || typeof value === "number") out[name] = String(value).slice(0, 2_048);
    }
    return out;
  };

const rootRoute = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./pages/sign-in.tsx"), "SignInPage"),
});

const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "inside",
  component: Shell,
  notFoundComponent: NotFound,
  beforeLoad: async ({ context }) => {
    try {
      await context.queryClient.ensureQueryData(queries.me());
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 401) throw redirect({ to: "/sign-in" });
      throw error;
    }
  },
});

const page = { getParentRoute: () => insideRoute } as const;

const overviewRoute = createRoute({
  ...page,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview.tsx"), "OverviewPage"),
});
const assetsRoute = createRoute({
  ...page,
  path: "/assets",
  validateSearch: searchOf("q", "type", "presence", "lifecycle", "sort"),
  component: lazyRouteComponent(() => import("./pages/assets.tsx"), "AssetsPage"),
});
const assetRoute = createRoute({
  ...page,
  path: "/assets/$assetId",
  validateSearch: searchOf("tab", "section", "at"),
  component: lazyRouteComponent(() => import("./pages/asset.tsx"), "AssetPage"),
});
const identityRoute = createRoute({
  ...page,
  path: "/identity",
  validateSearch: searchOf("tab"),
  component: lazyRouteComponent(() => import("./pages/identity.tsx"), "IdentityPage"),
});
const macsRoute = createRoute({
  ...page,
  path: "/macs",
  validateSearch: searchOf("q"),
  component: lazyRouteComponent(() => import("./pages/macs.tsx"), "MacsPage"),
});
const visitorsRoute = createRoute({
  ...page,
  path: "/visitors",
  validateSearch: searchOf("q"),
  component: lazyRouteComponent(() => import("./pages/visitors.tsx"), "VisitorsPage"),
});
const compareRoute = createRoute({
  ...page,
  path: "/compare",
  validateSearch: searchOf("left", "right"),
  component: lazyRouteComponent(() => import("./pages/compare.tsx"), "ComparePage"),
});
const linksRoute = createRoute({
  ...page,
  path: "/links",
  validateSearch: searchOf("q", "ended"),
  component: lazyRouteComponent(() => import("./pages/links.tsx"), "LinksPage"),
});
const subnetsRoute = createRoute({
  ...page,
  path: "/subnets",
  component: lazyRouteComponent(() => import("./pages/subnets.tsx"), "SubnetsPage"),
});
const subnetRoute = createRoute({
  ...page,
  path: "/subnets/$cidr",
  validateSearch: searchOf("realm"),
  component: lazyRouteComponent(() => import("./pages/subnet.tsx"), "SubnetPage"),
});
const softwareRoute = createRoute({
  ...page,
  path: "/software",
  validateSearch: searchOf("q", "name", "manager", "from", "through", "below"),
  component: lazyRouteComponent(() => import("./pages/software.tsx"), "SoftwarePage"),
});
const changesRoute = createRoute({
  ...page,
  path: "/changes",
  validateSearch: searchOf("q", "section", "kind", "weight"),
  component: lazyRouteComponent(() => import("./pages/changes.tsx"), "ChangesPage"),
});
const incidentsRoute = createRoute({
  ...page,
  path: "/incidents",
  validateSearch: searchOf("state", "kind"),
  component: lazyRouteComponent(() => import("./pages/incidents.tsx"), "IncidentsPage"),
});
const incidentRoute = createRoute({
  getParentRoute: () => incidentsRoute,
  path: "$incidentId",
  component: lazyRouteComponent(() => import("./pages/incident.tsx"), "IncidentPage"),
});
const ticketsRoute = createRoute({
  ...page,
  path: "/tickets",
  validateSearch: searchOf("state"),
  component: lazyRouteComponent(() => import("./pages/tickets.tsx"), "TicketsPage"),
});
const ticketRoute = createRoute({
  ...page,
  path: "/tickets/$number",
  component: lazyRouteComponent(() => import("./pages/ticket.tsx"), "TicketPage"),
});
const agentsRoute = createRoute({
  ...page,
  path: "/agents",
  component: lazyRouteComponent(() => import("./pages/agents.tsx"), "AgentsPage"),
});

const desksRoute = createRoute({
  ...page,
  path: "/desks",
  component: lazyRouteComponent(() => import("./pages/desks.tsx"), "DesksPage"),
});
const policyRoute = createRoute({
  ...page,
  path: "/policy",
  component: lazyRouteComponent(() => import("./pages/policy.tsx"), "PolicyPage"),
});
const accessRoute = createRoute({
  ...page,
  path: "/access",
  validateSearch: searchOf("tab"),
  component: lazyRouteComponent(() => import("./pages/access.tsx"), "AccessPage"),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  insideRoute.addChildren([
    overviewRoute,
    assetsRoute,
    assetRoute,
    compareRoute,
    identityRoute,
    macsRoute,
    visitorsRoute,
    linksRoute,
    subnetsRoute,
    subnetRoute,
    softwareRoute,
    changesRoute,
    incidentsRoute.addChildren([incidentRoute]),
    ticketsRoute,
    ticketRoute,
    agentsRoute,
    desksRoute,
    policyRoute,
    accessRoute,
  ]),
]);

export const createConsoleRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree,
    context: { queryClient },
    // What stands in the address line is text: a query in quotes must not be read as JSON.
    parseSearch: parseSearchWith((value) => value),
    stringifySearch: stringifySearchWith(String),
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
