import type { Change } from "../../../shared/model/asset.ts";
import { Ago } from "./ago.tsx";
import { formatValue, summariseItem } from "./value.ts";
import { sectionLabel, toWords } from "./words.ts";

/** Key fields are joined by "|", with a backslash before what is meant literally (shared/protocol/README.md). */
const splitKey = (itemKey: string): string[] => {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < itemKey.length; i++) {
    if (itemKey[i] === "|") {
      parts.push(part);
      part = "";
    } else part += itemKey[i] === "\\" ? (itemKey[++i] ?? "") : itemKey[i];
  }
  return [...parts, part];
};

/** What an item is called: "dpkg|openssl|amd64|" is told as "openssl", "enp3s0|10.0.0.4" as both. */
export const toItemName = (section: string, itemKey: string): string => {
  const parts = splitKey(itemKey);
  const shown = section === "software" || section === "browserExtensions" ? parts.slice(1, 2) : parts;
  return shown.filter((part) => part !== "").join(" ");
};

const verbs = { added: "added", removed: "removed", changed: "changed" } as const;

/** One change as a sentence: what, and before → after. */
export const ChangeText = ({ change }: { readonly change: Change }) => {
  const { kind, section, itemKey, field, before, after, folded, since } = change;
  const name = toItemName(section, itemKey);
  // What a person set of the asset itself.
  const isOwn = section === "notes" && itemKey === "asset";
  return (
    <div className="change">
      <div>
        <span className={`change-kind ${kind}`}>{verbs[kind]}</span>{" "}
        <span className="change-section">{isOwn ? "Asset" : sectionLabel(section)}</span>
        {name !== "" && !isOwn && <strong> {name}</strong>}
        {field !== undefined && <span> · {toWords(field)}</span>}
        {folded !== undefined && folded > 1 && (
          <span className="dimmed">
            {" "}
            {since === undefined ? (
              `(${folded} steps in one)`
            ) : (
              <>
                (to and fro, {folded} times since <Ago at={since} />)
              </>
            )}
          </span>
        )}
      </div>
      <div className={`change-values ${kind}`}>
        {before !== undefined && (
          <del>{kind === "changed" ? formatValue(field ?? "", before) : summariseItem(before, name)}</del>
        )}
        {before !== undefined && after !== undefined && <span aria-hidden="true"> → </span>}
        {after !== undefined && (
          <ins>{kind === "changed" ? formatValue(field ?? "", after) : summariseItem(after, name)}</ins>
        )}
      </div>
    </div>
  );
};
