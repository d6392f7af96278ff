import { Alert, Tabs, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import { Ago, At } from "../parts/ago.tsx";
import { AssetChanges } from "../parts/asset-changes.tsx";
import { AssetEdit } from "../parts/asset-edit.tsx";
import { AssetFacts } from "../parts/asset-facts.tsx";
import { AssetIdentity } from "../parts/asset-identity.tsx";
import { AssetInventory } from "../parts/asset-inventory.tsx";
import { AssetNote } from "../parts/asset-note.tsx";
import { AssetPast, PastPicker } from "../parts/asset-past.tsx";
import { AssetPlaces, PlaceText } from "../parts/asset-places.tsx";
import { bookRows } from "../parts/book.tsx";
import { IncidentLink } from "../parts/links.tsx";
import { Facts, PageHead } from "../parts/page.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Presence, Priority } from "../parts/status.tsx";
import { methodLabel, toSentence } from "../parts/words.ts";
import { queries } from "../queries.ts";

const route = getRouteApi("/inside/assets/$assetId");

const Incidents = ({ asset }: { readonly asset: AssetDetail }) => {
  if (asset.openIncidents.length === 0) return null;
  return (
    <Alert
      variant="default"
      className="incident-note"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title="Open incidents"
      mb="md"
    >
      <ul className="plain">
        {asset.openIncidents.map((incident) => (
          <li key={incident.incidentId}>
            <Priority priority={incident.priority} />{" "}
            <IncidentLink incidentId={incident.incidentId}>{incident.title}</IncidentLink>{" "}
            <Text component="span" size="sm" c="dimmed">
              <Ago at={incident.openedAt} />
            </Text>
          </li>
        ))}
      </ul>
    </Alert>
  );
};

const byHand = (asset: AssetDetail, field: string, value: string) =>
  asset.locked.includes(field) ? (
    <span>
      {value} <span className="dimmed">(set by hand)</span>
    </span>
  ) : (
    value
  );

const Summary = ({ asset }: { readonly asset: AssetDetail }) => (
  <Facts
    rows={[
      [
        "Presence",
        <span key="p">
          <Presence state={asset.presence} />{" "}
          <span className="dimmed">
            for <Ago at={asset.presenceSince} suffix="" />
          </span>
        </span>,
      ],
      ["Last seen", <Ago key="l" at={asset.lastSeenAt} />],
      ["First seen", <At key="f" at={asset.firstSeenAt} />],
      ["Address", asset.primaryAddress && <span className="mono">{asset.primaryAddress}</span>],
      ["MAC", asset.primaryMac && <span className="mono">{asset.primaryMac}</span>],
      ["Hangs on", asset.place && <PlaceText key="h" place={asset.place} />],
      ["Serial number", asset.serialNumber && <span className="mono">{asset.serialNumber}</span>],
      ["System", [asset.osName, asset.osVersion].filter(Boolean).join(" ")],
      ...bookRows(asset),
      ["Site", asset.site === undefined ? undefined : byHand(asset, "site", asset.site)],
      ["Realm", asset.realm],
      ["Lifecycle", byHand(asset, "lifecycle", toSentence(asset.lifecycle))],
      ["Criticality", byHand(asset, "criticality", toSentence(asset.criticality))],
      ["Seen by", asset.sources.map(methodLabel).join(", ")],
    ]}
  />
);

const tabs = ["facts", "inventory", "places", "changes", "identity"] as const;

export const AssetPage = () => {
  const { assetId } = route.useParams();
  const { at, tab, section } = route.useSearch();
  const navigate = route.useNavigate();
  if (at === undefined) return <AssetNow />;
  const onSearch = (change: { readonly tab?: string; readonly section?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return <AssetPast assetId={assetId} at={at} tab={tab} section={section} onSearch={onSearch} />;
};

const AssetNow = () => {
  const { assetId } = route.useParams();
  const { tab = "facts", section } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: asset, error, refetch } = useQuery(queries.asset(assetId));
  if (error && !asset) return <Failed error={error} retry={() => void refetch()} />;
  if (!asset) return <Loading rows={10} label="Loading the asset" />;
  const current = tabs.find((one) => one === tab) ?? "facts";
  return (
    <>
      <PageHead title={asset.name} note={<AssetNote asset={asset} />}>
        <PastPicker asset={asset} />
        <AssetEdit asset={asset} />
      </PageHead>
      <Incidents asset={asset} />
      {asset.provisional && (
        <Alert variant="default" title="Kept apart until somebody decides" mb="md">
          Its keys are also another asset's, or a copy of its agent is alive. See identity below.
        </Alert>
      )}
      <Summary asset={asset} />
      <Tabs
        value={current}
        onChange={(next) =>
          void navigate({ search: (before) => ({ ...before, tab: next ?? undefined }), replace: true })
        }
        keepMounted={false}
        mt="md"
      >
        <Tabs.List aria-label="Of this asset">
          <Tabs.Tab value="facts">Facts</Tabs.Tab>
          <Tabs.Tab value="inventory">Inventory</Tabs.Tab>
          <Tabs.Tab value="places">Connections</Tabs.Tab>
          <Tabs.Tab value="changes">Changes</Tabs.Tab>
          <Tabs.Tab value="identity">Identity</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="facts" pt="md">
          <AssetFacts assetId={asset.assetId} />
        </Tabs.Panel>
        <Tabs.Panel value="inventory" pt="md">
          <AssetInventory
            asset={asset}
            section={section}
            onSection={(next) => void navigate({ search: (before) => ({ ...before, section: next }), replace: true })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="places" pt="md">
          <AssetPlaces assetId={asset.assetId} />
        </Tabs.Panel>
        <Tabs.Panel value="changes" pt="md">
          <AssetChanges asset={asset} />
        </Tabs.Panel>
        <Tabs.Panel value="identity" pt="md">
          <AssetIdentity asset={asset} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
};
