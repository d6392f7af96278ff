import { Alert, Button, Group, Popover, Stack, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { AssetThen } from "../../../shared/model/then.ts";
import { queries } from "../queries.ts";
import { At } from "./ago.tsx";
import { FactPanels } from "./asset-facts.tsx";
import { AssetInventory } from "./asset-inventory.tsx";
import { AssetNote } from "./asset-note.tsx";
import { PlaceText } from "./asset-places.tsx";
import { bookRows } from "./book.tsx";
import { MomentInput } from "./moment.tsx";
import { Facts, PageHead, Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { Presence } from "./status.tsx";
import { formatTime } from "./value.ts";
import { methodLabel, toSentence, toWords } from "./words.ts";

/** An asset as it was: read-only, and marked as the past wherever one looks. */

/** Chooses the time, and leads to the comparison of it with now. */
export const PastPicker = ({ asset }: { readonly asset: Pick<AssetDetail, "assetId" | "firstSeenAt"> }) => {
  const [opened, { toggle, close }] = useDisclosure();
  const [at, setAt] = useState<string>();
  const submit = (event: FormEvent) => event.preventDefault();
  const { assetId, firstSeenAt } = asset;
  return (
    <Popover opened={opened} onDismiss={close} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Button
          size="sm"
          variant="default"
          leftSection={<IconHistory size={16} aria-hidden="true" />}
          onClick={toggle}
          aria-expanded={opened}
        >
          As it was …
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap="sm">
            <MomentInput label="As it was on" value={at} onChange={setAt} earliest={firstSeenAt} isLive />
            <Group gap="xs">
              <Button
                size="xs"
                disabled={at === undefined}
                renderRoot={(props) => (
                  <Link to="/assets/$assetId" params={{ assetId }} search={{ at }} onClick={close} {...props} />
                )}
              >
                Show
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={at === undefined}
                renderRoot={(props) => (
                  <Link
                    to="/compare"
                    search={{ left: `${assetId}@${at ?? ""}`, right: assetId }}
                    onClick={close}
                    {...props}
                  />
                )}
              >
                Compare with now
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
};

const Banner = ({ asset }: { readonly asset: AssetThen }) => {
  const { assetId, at } = asset;
  return (
    <Alert
      variant="default"
      className="past-note"
      icon={<IconHistory aria-hidden="true" />}
      title={`As it was on ${formatTime(at)}`}
      mb="md"
    >
      <p>
        This is the past and can only be read. It is known since <At at={asset.knownFrom} />.
        {asset.unknown.length > 0 &&
          ` Not known any more as of then: ${asset.unknown.map(({ section }) => toWords(section)).join(", ")}.`}
      </p>
      <Group gap="xs">
        <Button
          size="xs"
          renderRoot={(props) => <Link to="/assets/$assetId" params={{ assetId }} search={{}} {...props} />}
        >
          Back to now
        </Button>
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => (
            <Link to="/compare" search={{ left: `${assetId}@${at}`, right: assetId }} {...props} />
          )}
        >
          Compare with now
        </Button>
      </Group>
    </Alert>
  );
};

const Summary = ({ asset }: { readonly asset: AssetThen }) => (
  <Facts
    rows={[
      ["Presence", <Presence key="p" state={asset.presence} />],
      ["Last seen by then", <At key="l" at={asset.lastSeenAt} />],
      ["First seen", <At key="f" at={asset.firstSeenAt} />],
      ["Address", asset.primaryAddress && <span className="mono">{asset.primaryAddress}</span>],
      ["MAC", asset.primaryMac && <span className="mono">{asset.primaryMac}</span>],
      ["Hung on", asset.place && <PlaceText key="h" place={asset.place} />],
      ["Serial number", asset.serialNumber && <span className="mono">{asset.serialNumber}</span>],
      ["System", [asset.osName, asset.osVersion].filter(Boolean).join(" ")],
      ...bookRows(asset, Date.parse(asset.at)),
      ["Site", asset.site],
      ["Realm", asset.realm],
      ["Lifecycle", toSentence(asset.lifecycle)],
      ["Criticality", toSentence(asset.criticality)],
      ["Seen by", asset.sources.map(methodLabel).join(", ")],
    ]}
  />
);

const Keys = ({ asset }: { readonly asset: AssetThen }) => (
  <Panel title="Keys">
    <table className="fact-table">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Value</th>
          <th scope="col">First seen</th>
        </tr>
      </thead>
      <tbody>
        {asset.keys.map((key) => (
          <tr key={`${key.kind} ${key.realm} ${key.vendor ?? ""} ${key.value}`}>
            <th scope="row">{toWords(key.kind)}</th>
            <td className="value mono">{key.value}</td>
            <td className="dimmed">
              <At at={key.firstSeenAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Panel>
);

const tabs = ["facts", "inventory", "identity"] as const;

export const AssetPast = ({
  assetId,
  at,
  tab,
  section,
  onSearch,
}: {
  readonly assetId: string;
  readonly at: string;
  readonly tab: string | undefined;
  readonly section: string | undefined;
  readonly onSearch: (change: { readonly tab?: string; readonly section?: string }) => void;
}) => {
  const { data: asset, error, refetch } = useQuery(queries.assetThen(assetId, at));
  if (error && !asset)
    return (
      <>
        <PageHead title={`As it was on ${formatTime(at)}`} />
        <Failed error={error} retry={() => void refetch()} />
        <Button
          mt="md"
          size="xs"
          renderRoot={(props) => <Link to="/assets/$assetId" params={{ assetId }} search={{}} {...props} />}
        >
          Back to now
        </Button>
      </>
    );
  if (!asset) return <Loading rows={10} label="Loading the asset as it was" />;
  return (
    <div className="past">
      <PageHead title={asset.name} note={<AssetNote asset={asset} />}>
        <PastPicker asset={asset} />
      </PageHead>
      <Banner asset={asset} />
      <Summary asset={asset} />
      <Tabs
        value={tabs.find((one) => one === tab) ?? "facts"}
        onChange={(next) => onSearch({ ...(next !== null && { tab: next }) })}
        keepMounted={false}
        mt="md"
      >
        <Tabs.List aria-label="Of this asset, as it was">
          <Tabs.Tab value="facts">Facts</Tabs.Tab>
          <Tabs.Tab value="inventory">Inventory</Tabs.Tab>
          <Tabs.Tab value="identity">Identity</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="facts" pt="md">
          {asset.facts.length === 0 ? <Empty title="No facts by then" /> : <FactPanels facts={asset.facts} isPast />}
        </Tabs.Panel>
        <Tabs.Panel value="inventory" pt="md">
          <AssetInventory asset={asset} at={at} section={section} onSection={(next) => onSearch({ section: next })} />
        </Tabs.Panel>
        <Tabs.Panel value="identity" pt="md">
          <Keys asset={asset} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
};
