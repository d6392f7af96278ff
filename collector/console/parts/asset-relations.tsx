import { useQuery } from "@tanstack/react-query";
import type { Relation } from "../../../shared/model/asset-detail.ts";
import { queries } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { AssetLink } from "./links.tsx";
import { Panel } from "./page.tsx";

const kindWords: Readonly<Record<Relation["kind"], string>> = {
  runs: "Runs",
  "runs-on": "Runs on",
  controls: "Controls",
  "controlled-by": "Controlled by",
  "has-member": "Has as member",
  "member-of": "Member of",
};

/** A VM's host and a host's VMs, an access point's controller, a stack's members; nothing where there are none. */
export const AssetRelations = ({ assetId }: { readonly assetId: string }) => {
  const { data } = useQuery(queries.relations(assetId));
  if (!data || data.items.length === 0) return null;
  return (
    <Panel title="Related to">
      <table className="fact-table">
        <tbody>
          {data.items.map((relation) => (
            <tr key={`${relation.kind} ${relation.name} ${relation.assetId ?? ""}`}>
              <th scope="row">{kindWords[relation.kind]}</th>
              <td className="value">
                {relation.assetId === undefined ? (
                  relation.name
                ) : (
                  <AssetLink assetId={relation.assetId}>{relation.name}</AssetLink>
                )}
                {relation.state !== undefined && <span className="dimmed"> ({relation.state})</span>}
              </td>
              <td className="dimmed">
                <Ago at={relation.observedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
};
