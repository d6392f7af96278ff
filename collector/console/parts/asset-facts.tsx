import { useQuery } from "@tanstack/react-query";
import type { Fact } from "../../../shared/model/asset.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { queries } from "../queries.ts";
import { Ago } from "./ago.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { formatValue } from "./value.ts";
import { actorLabel, compareFields, sectionLabel, toWords } from "./words.ts";

const splitPath = (path: string): readonly [string, string] => {
  const at = path.indexOf("/");
  return at < 0 ? [path, ""] : [path.slice(0, at), path.slice(at + 1)];
};

const byField = (a: Fact, b: Fact): number => compareFields(splitPath(a.path)[1], splitPath(b.path)[1]);

const Source = ({ fact }: { readonly fact: Fact }) => (
  <>
    {actorLabel(fact.source)}, <Ago at={fact.observedAt} />
  </>
);

/** The panel says who and when, where that is the same for all its fields, as one round's fields are. */
const isUniform = (facts: readonly Fact[]): boolean =>
  facts.every(
    ({ source, observedAt }) =>
      observedAt === facts[0]?.observedAt && actorLabel(source) === actorLabel(facts[0].source),
  );

const FactRow = ({ fact, uniform }: { readonly fact: Fact; readonly uniform: boolean }) => {
  const [, field] = splitPath(fact.path);
  return (
    <tr className={fact.goodUntil !== undefined ? "stale" : undefined}>
      <th scope="row">{toWords(field)}</th>
      <td className="value">
        {formatValue(field, fact.value)}
        {fact.locked && <span className="dimmed"> (set by hand)</span>}
        {fact.goodUntil !== undefined && <span className="dimmed"> (no longer observed)</span>}
      </td>
      {!uniform && (
        <td className="dimmed">
          <Source fact={fact} />
        </td>
      )}
    </tr>
  );
};

const FactTable = ({ section, facts }: { readonly section: string; readonly facts: readonly Fact[] }) => {
  const uniform = isUniform(facts);
  const [first] = facts;
  const note = uniform && first && (
    <span className="panel-note">
      <Source fact={first} />
    </span>
  );
  return (
    <Panel title={sectionLabel(section as SectionName)} action={note}>
      <table className="fact-table">
        <thead className="sr-only">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            {!uniform && <th scope="col">Source and age</th>}
          </tr>
        </thead>
        <tbody>
          {facts.toSorted(byField).map((fact) => (
            <FactRow key={fact.path} fact={fact} uniform={uniform} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
};

const order = ["system", "os", "memory", "dns"];
const rank = (section: string): number => (order.includes(section) ? order.indexOf(section) : order.length);

/** What is known of an asset as single fields: each with who says so and how old that is. */
export const AssetFacts = ({ assetId }: { readonly assetId: string }) => {
  const { data, error, refetch } = useQuery(queries.facts(assetId));
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading />;
  if (data.items.length === 0)
    return (
      <Empty title="No facts yet">
        Nobody has read this device from the inside. An agent on it, or SNMP towards it, would tell more than its
        address.
      </Empty>
    );
  const bySection = Map.groupBy(data.items, (fact) => splitPath(fact.path)[0]);
  return (
    <div className="fact-panels">
      {[...bySection]
        .sort(([a], [b]) => rank(a) - rank(b))
        .map(([section, facts]) => (
          <FactTable key={section} section={section} facts={facts} />
        ))}
    </div>
  );
};
