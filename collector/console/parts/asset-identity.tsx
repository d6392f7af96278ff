import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import type { AssetIdentity as Identity } from "../../../shared/model/identity.ts";
import { queries } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { AssetMerge } from "./asset-merge.tsx";
import { AssetRelations } from "./asset-relations.tsx";
import { AssetSplit, keyId } from "./asset-split.tsx";
import { DecisionItem } from "./decisions.tsx";
import { AssetLink } from "./links.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { formatCount, formatDuration } from "./value.ts";
import { methodLabel, toWords } from "./words.ts";
import { useMay } from "./write.ts";

/** How far a key goes, in words. */
const strengthWords: Readonly<Record<Identity["keys"][number]["strength"], string>> = {
  agent: "its agent's own",
  hardware: "hardware",
  network: "network interface",
  name: "name, weak",
  address: "address, for its time",
};

const Keys = ({ keys }: { readonly keys: Identity["keys"] }) => (
  <table className="fact-table">
    <thead>
      <tr>
        <th scope="col">Kind</th>
        <th scope="col">Value</th>
        <th scope="col" className="from-sm">
          Strength
        </th>
        <th scope="col">Last seen</th>
      </tr>
    </thead>
    <tbody>
      {keys.map((key) => (
        <tr key={`${keyId(key)} ${key.learnedOf ?? ""}`}>
          <th scope="row">{toWords(key.kind)}</th>
          <td className="value mono">
            {key.value}
            {key.vendor !== undefined && <span className="dimmed"> ({key.vendor})</span>}
            {key.learnedOf !== undefined && <div className="sub">came with a joined asset</div>}
          </td>
          <td className="dimmed from-sm">{strengthWords[key.strength]}</td>
          <td className="dimmed">
            <Ago at={key.lastSeenAt} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Observers = ({ asset }: { readonly asset: AssetDetail }) => (
  <Panel title="Observers">
    {asset.observers.length === 0 ? (
      <Empty title="No observations kept">Its own agent's session is what tells of it.</Empty>
    ) : (
      <table className="fact-table">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">How</th>
            <th scope="col" className="from-sm">
              Times
            </th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {asset.observers.map((observer) => (
            <tr key={`${observer.agentId} ${observer.method}`}>
              <th scope="row">{observer.agentName}</th>
              <td className="value">{methodLabel(observer.method)}</td>
              <td className="dimmed from-sm">
                {formatCount(observer.count)}, longest gap {formatDuration(observer.longestGapMs)}
              </td>
              <td className="dimmed">
                <Ago at={observer.lastAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </Panel>
);

/** Why this is one asset: its keys, who sees it, what it is related to, and every decision, with what a person may do about it. */
export const AssetIdentity = ({ asset }: { readonly asset: AssetDetail }) => {
  const { data, error, refetch } = useQuery(queries.identity(asset.assetId));
  const mayDecide = useMay("asset-manager");
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading />;
  const others = [
    ...new Set(
      data.decisions
        .filter(({ kind, undoneAt }) => kind === "contested" && undoneAt === undefined)
        .map((one) => (one.assetId === asset.assetId ? one.otherAssetId : one.assetId)),
    ),
  ].filter((one) => one !== undefined && one !== asset.assetId);
  return (
    <>
      {mayDecide && (
        <Group gap="xs" mb="md">
          <AssetMerge asset={asset} />
          <AssetSplit asset={asset} keys={data.keys} />
        </Group>
      )}
      {others.length > 0 && asset.provisional && (
        <p>
          Claims what is{" "}
          {others.map((one) => (
            <AssetLink key={one} assetId={one ?? ""}>
              another asset's
            </AssetLink>
          ))}
          : decide it on the page Identity.
        </p>
      )}
      <div className="fact-panels">
        <Panel title="Keys">{data.keys.length === 0 ? <Empty title="No keys" /> : <Keys keys={data.keys} />}</Panel>
        <AssetRelations assetId={asset.assetId} />
        <Observers asset={asset} />
        {data.decisions.length > 0 && (
          <Panel title="Decisions">
            <ul className="rows">
              {data.decisions.map((decision) => (
                <DecisionItem key={decision.decisionId} decision={decision} of={asset.assetId} />
              ))}
            </ul>
          </Panel>
        )}
      </div>
    </>
  );
};
