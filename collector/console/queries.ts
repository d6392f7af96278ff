import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { AuditEntry, Me, Token, User } from "../../shared/model/access.ts";
import type { Agent, SweepSummary } from "../../shared/model/agent.ts";
import type { Asset, Fact } from "../../shared/model/asset.ts";
import type { AssetDetail, ChangeRow, Relation, SectionItemRow } from "../../shared/model/asset-detail.ts";
import type { DeskStatus, OutboxEntry, SecretName } from "../../shared/model/desk.ts";
import type { AssetIdentity, DecisionNote, IdentityRules } from "../../shared/model/identity.ts";
import type { IncidentDetail, IncidentRow, TicketDetail, TicketRow } from "../../shared/model/incident-detail.ts";
import type { Overview } from "../../shared/model/overview.ts";
import type { LinkRow, Place, SubnetDetail, SubnetRow, UnclaimedMac } from "../../shared/model/place.ts";
import type { Maintenance, PolicyInForce } from "../../shared/model/policy.ts";
import type { Proposal } from "../../shared/model/proposal.ts";
import type { QueryField, SavedQuery } from "../../shared/model/query.ts";
import type { InstallationRow, SoftwareRow } from "../../shared/model/software.ts";
import type { AssetThen, Comparison } from "../../shared/model/then.ts";
import type { VisitorDays, VisitorRow } from "../../shared/model/visitor.ts";
import { client } from "./client.ts";

/** Every read of the console, keyed by the topic that live events name first. */
type Page<T> = { readonly items: readonly T[]; readonly next?: string; readonly total?: number };
type Filter = Readonly<Record<string, string | readonly string[] | undefined>>;

const paged = <T>(topic: string, path: string, filter: Filter, limit = 100) =>
  infiniteQueryOptions({
    queryKey: [topic, "list", path, filter],
    queryFn: ({ pageParam, signal }) => client.get<Page<T>>(path, { ...filter, limit, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });

export const queries = {
  me: () =>
    queryOptions({
      queryKey: ["me"],
      queryFn: async ({ signal }) => {
        const me = await client.get<Me>("/me", {}, signal);
        client.setCsrf(me.csrf);
        return me;
      },
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    }),
  overview: () =>
    queryOptions({
      queryKey: ["overview"],
      // Ages and counts of a day move by themselves.
      refetchInterval: 60_000,
      queryFn: ({ signal }) => client.get<Overview>("/overview", {}, signal),
    }),
  assets: (filter: Filter) => paged<Asset>("assets", "/assets", filter, 200),
  assetCount: (filter: Filter) =>
    queryOptions({
      queryKey: ["assets", "count", filter],
      // Each counts over all assets: live events alone would ask for it too often.
      staleTime: 20_000,
      queryFn: ({ signal }) => client.get<{ count: number }>("/assets/count", filter, signal),
    }),
  assetFields: () =>
    queryOptions({
      queryKey: ["assetFields"],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: ({ signal }) => client.get<Page<QueryField>>("/assets/fields", {}, signal),
    }),
  savedQueries: () =>
    queryOptions({
      queryKey: ["queries"],
      queryFn: ({ signal }) => client.get<Page<SavedQuery>>("/queries", {}, signal),
    }),
  identity: (assetId: string) =>
    queryOptions({
      queryKey: ["assets", "identity", assetId],
      queryFn: ({ signal }) => client.get<AssetIdentity>(`/assets/${assetId}/identity`, {}, signal),
    }),
  relations: (assetId: string) =>
    queryOptions({
      queryKey: ["assets", "relations", assetId],
      queryFn: ({ signal }) => client.get<Page<Relation>>(`/assets/${assetId}/relations`, {}, signal),
    }),
  decisions: (filter: Filter) => paged<DecisionNote>("assets", "/identity/decisions", filter),
  identityRules: () =>
    queryOptions({
      queryKey: ["identityRules"],
      queryFn: ({ signal }) => client.get<IdentityRules>("/identity/rules", {}, signal),
    }),
  unclaimed: (filter: Filter) => paged<UnclaimedMac>("assets", "/macs/unclaimed", filter),
  visitors: (filter: Filter) => paged<VisitorRow>("assets", "/visitors", filter),
  visitorDays: () =>
    queryOptions({
      queryKey: ["visitorDays"],
      staleTime: 60_000,
      queryFn: ({ signal }) => client.get<VisitorDays>("/visitors/days", {}, signal),
    }),
  asset: (assetId: string) =>
    queryOptions({
      queryKey: ["assets", "one", assetId],
      queryFn: ({ signal }) => client.get<AssetDetail>(`/assets/${assetId}`, {}, signal),
    }),
  /** The past does not change; only how much of it is kept does. */
  assetThen: (assetId: string, at: string) =>
    queryOptions({
      queryKey: ["past", "one", assetId, at],
      queryFn: ({ signal }) => client.get<AssetThen>(`/assets/${assetId}`, { at }, signal),
      retry: false,
    }),
  compare: (left: string, right: string) =>
    infiniteQueryOptions({
      queryKey: ["assets", "compare", left, right],
      queryFn: ({ pageParam, signal }) =>
        client.get<Comparison>("/compare", { left, right, limit: 500, cursor: pageParam }, signal),
      initialPageParam: "",
      getNextPageParam: (last) => last.next,
      retry: false,
    }),
  facts: (assetId: string) =>
    queryOptions({
      queryKey: ["assets", "facts", assetId],
      queryFn: ({ signal }) => client.get<{ items: readonly Fact[] }>(`/assets/${assetId}/facts`, {}, signal),
    }),
  sectionItems: (assetId: string, section: string, q: string, at?: string) =>
    paged<SectionItemRow>("assets", `/assets/${assetId}/sections/${section}`, { q, at }, 500),
  places: (assetId: string) =>
    queryOptions({
      queryKey: ["assets", "places", assetId],
      queryFn: ({ signal }) => client.get<Page<Place>>(`/assets/${assetId}/places`, {}, signal),
    }),
  links: (filter: Filter) => paged<LinkRow>("assets", "/links", filter),
  subnets: () =>
    queryOptions({
      queryKey: ["agents", "subnets"],
      queryFn: ({ signal }) => client.get<Page<SubnetRow>>("/subnets", {}, signal),
    }),
  subnet: (cidr: string, realm: string | undefined) =>
    infiniteQueryOptions({
      queryKey: ["agents", "subnet", cidr, realm],
      queryFn: ({ pageParam, signal }) =>
        client.get<SubnetDetail>(
          `/subnets/${encodeURIComponent(cidr)}`,
          { realm, limit: 1_000, cursor: pageParam },
          signal,
        ),
      initialPageParam: "",
      getNextPageParam: (last) => last.next,
    }),
  software: (filter: Filter) => paged<SoftwareRow>("software", "/software", filter),
  installations: (filter: Filter) => paged<InstallationRow>("software", "/software/installations", filter),
  changes: (filter: Filter) => paged<ChangeRow>("changes", "/changes", filter),
  incidents: (filter: Filter) => paged<IncidentRow>("incidents", "/incidents", filter),
  incident: (incidentId: string) =>
    queryOptions({
      queryKey: ["incidents", "one", incidentId],
      queryFn: ({ signal }) => client.get<IncidentDetail>(`/incidents/${incidentId}`, {}, signal),
    }),
  tickets: (filter: Filter) => paged<TicketRow>("tickets", "/tickets", filter),
  ticket: (number: string) =>
    queryOptions({
      queryKey: ["tickets", "one", number],
      queryFn: ({ signal }) => client.get<TicketDetail>(`/tickets/${number}`, {}, signal),
    }),
  agents: () =>
    queryOptions({
      queryKey: ["agents", "list"],
      // Heartbeats make no events.
      refetchInterval: 30_000,
      queryFn: ({ signal }) => client.get<Page<Agent>>("/agents", { limit: 1000 }, signal),
    }),
  desks: () =>
    queryOptions({
      queryKey: ["desks", "list"],
      // Deliveries make no events.
      refetchInterval: 15_000,
      queryFn: ({ signal }) => client.get<Page<DeskStatus>>("/desks", {}, signal),
    }),
  outbox: () => ({ ...paged<OutboxEntry>("desks", "/outbox", {}), refetchInterval: 15_000 }),
  secrets: () =>
    queryOptions({
      queryKey: ["secrets"],
      queryFn: ({ signal }) => client.get<Page<SecretName>>("/secrets", {}, signal),
    }),
  proposals: () =>
    queryOptions({
      queryKey: ["proposals"],
      queryFn: ({ signal }) => client.get<Page<Proposal>>("/proposals", {}, signal),
    }),
  maintenance: () =>
    queryOptions({
      queryKey: ["policy", "maintenance"],
      queryFn: ({ signal }) => client.get<Maintenance>("/policy/maintenance", {}, signal),
    }),
  policy: () =>
    queryOptions({
      queryKey: ["policy"],
      queryFn: ({ signal }) => client.get<PolicyInForce>("/policy", {}, signal),
    }),
  tokens: () =>
    queryOptions({
      queryKey: ["tokens"],
      queryFn: ({ signal }) => client.get<Page<Token>>("/tokens", {}, signal),
    }),
  users: () =>
    queryOptions({ queryKey: ["users"], queryFn: ({ signal }) => client.get<Page<User>>("/users", {}, signal) }),
  audit: () => paged<AuditEntry>("audit", "/audit", {}),
  coverage: () =>
    queryOptions({
      queryKey: ["agents", "coverage"],
      queryFn: ({ signal }) => client.get<Page<SweepSummary>>("/coverage", { limit: 200 }, signal),
    }),
} as const;

/** All rows of the pages read so far. */
export const rowsOf = <T>(data: { readonly pages: readonly Page<T>[] } | undefined): T[] =>
  data?.pages.flatMap((page) => [...page.items]) ?? [];
