import { useQuery } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { Fact } from "../../../shared/model/asset.ts";
import type { SectionName } from "../../../shared/protocol/sections.ts";
import { queries } from "../queries.ts";
import { Ago, At } from "./ago.tsx";
import { bookNames, isBookName } from "./book.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed, Loading } from "./states.tsx";
import { formatValue } from "./value.ts";
import { actorLabel, compareFields, sectionLabel, toWords } from "./words.ts";

const splitPath = (path: string): readonly [string, string] => {
  const at = path.indexOf("/");
  return at < 0 ? [path, ""] : [path.slice(0, at), path.slice(at + 1)];
};

const byField = (a: Fact, b: Fact): number => compareFields(splitPath(a.path)[1], splitPath(b.path)[1]);
/** What people set stands in the order in which they are asked for it. */
const editRank = ({ path }: Fact): number => bookNames.findIndex((name) => path === `asset/${name}`);
const byEdit = (a: Fact, b: Fact): number => editRank(a) - editRank(b);

/** Of the past, an age as of now would mislead. */
const PastContext = createContext(false);
const When = ({ at }: { readonly at: string }) => (use(PastContext) ? <At at={at} /> : <Ago at={at} />);

const Source = ({ fact }: { readonly fact: Fact }) => (
  <>
    {actorLabel(fact.source)}, <When at={fact.observedAt} />
  </>
);

/** The panel says who and when, where that is the same for all its fields, as one round's fields are. */
const isUniform = (facts: readonly Fact[]): boolean =>
  facts.every(
    ({ source, observedAt, expired }) =>
      observedAt === facts[0]?.observedAt &&
      expired === facts[0].expired &&
      actorLabel(source) === actorLabel(facts[0].source),
  );

/** Beneath what a person set: what the sources say. */
const Hidden = ({ fact: { hides = [] }, field }: { readonly fact: Fact; readonly field: string }) => (
  <>
    {!isBookName(field) && <span className="dimmed"> (set by hand)</span>}
    {hides.map((heard) => (
      <span key={`${heard.path} ${actorLabel(heard.source)}`} className="dimmed reason">
        {actorLabel(heard.source)} says {formatValue(field, heard.value)} ({toWords(splitPath(heard.path)[1])},{" "}
        <When at={heard.observedAt} />)
      </span>
    ))}
    {hides.length === 0 && !isBookName(field) && <span className="dimmed reason">no source says anything of it</span>}
  </>
);

const FactRow = ({ fact, uniform }: { readonly fact: Fact; readonly uniform: boolean }) => {
  const [, field] = splitPath(fact.path);
  return (
    <tr className={fact.expired !== undefined ? "stale" : undefined}>
      <th scope="row">{toWords(field)}</th>
      <td className={`value ${field === "note" ? "lines" : ""}`}>
        {formatValue(field, fact.value)}
        {fact.locked && <Hidden fact={fact} field={field} />}
        {fact.expired !== undefined && !uniform && <span className="dimmed reason">{fact.expired}</span>}
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
    <Panel title={section === "asset" ? "Set by hand" : sectionLabel(section as SectionName)} action={note}>
      {uniform && first?.expired !== undefined && (
        <p className="expired">
          Good until <At at={first.goodUntil ?? first.observedAt} />: {first.expired}
        </p>
      )}
      <table className="fact-table">
        <thead className="sr-only">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            {!uniform && <th scope="col">Source and age</th>}
          </tr>
        </thead>
        <tbody>
          {facts.toSorted(section === "asset" ? byEdit : byField).map((fact) => (
            <FactRow key={fact.path} fact={fact} uniform={uniform} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
};

const order = ["asset", "system", "os", "memory", "dns"];
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
  return <FactPanels facts={data.items} />;
};

export const FactPanels = ({
  facts: all,
  isPast = false,
}: {
  readonly facts: readonly Fact[];
  readonly isPast?: boolean;
}) => {
  const bySection = Map.groupBy(all, (fact) => splitPath(fact.path)[0]);
  return (
    <PastContext value={isPast}>
      <div className="fact-panels">
        {[...bySection]
          .sort(([a], [b]) => rank(a) - rank(b))
          .map(([section, facts]) => (
            <FactTable key={section} section={section} facts={facts} />
          ))}
      </div>
    </PastContext>
  );
};
