import type { QueryField } from "../../../shared/model/query.ts";

/** What can stand where somebody types: `insert` replaces `from` to the caret. */
export type Suggestion = {
  readonly label: string;
  readonly help: string;
  readonly insert: string;
  readonly from: number;
};

const MAX_SHOWN = 8;
const COMPARED = /^([A-Za-z][\w.-]*)(<=|>=|!=|!~|<|>|=|~|:)(.*)$/;

/** The operator that a field is mostly asked with. */
const usual: Readonly<Record<QueryField["kind"], string>> = {
  ...{ text: ":", choice: ":", number: ">", size: ">=", time: "<", until: "<", address: " in ", mac: ":" },
  ...{ version: "<", "yes-no": ":", software: ":" },
};

const namesOf = ({ name, aliases }: QueryField): readonly string[] => [name, ...aliases];
const begins = (field: QueryField, typed: string): boolean =>
  namesOf(field).some((name) => name.toLowerCase().startsWith(typed));

const valuesOf = ({ kind, choices }: QueryField): readonly string[] => (kind === "yes-no" ? ["yes", "no"] : choices);

/** Fields by what is typed of their name; fields of inventories once more than a letter or two says that they are meant. */
export const suggest = (text: string, caret: number, fields: readonly QueryField[]): readonly Suggestion[] => {
  const token = /[^\s()"]*$/.exec(text.slice(0, caret))?.[0] ?? "";
  const at = caret - token.length;
  const [, name, operator, rest = ""] = COMPARED.exec(token) ?? [];
  if (name !== undefined && operator !== undefined) {
    const field = fields.find((one) => namesOf(one).some((known) => known.toLowerCase() === name.toLowerCase()));
    const typed = rest.split(",").at(-1)?.toLowerCase() ?? "";
    if (!field) return [];
    const from = caret - typed.length;
    return valuesOf(field)
      .filter((value) => value.startsWith(typed) && value !== typed)
      .slice(0, MAX_SHOWN)
      .map((value) => ({ label: value, help: "", insert: value, from }));
  }
  if (!/^[A-Za-z][\w.-]*$/.test(token)) return [];
  const typed = token.toLowerCase();
  const near = [
    ...fields.filter((field) => begins(field, typed)),
    ...(typed.length < 3
      ? []
      : fields.filter((field) => !begins(field, typed) && field.name.toLowerCase().includes(typed))),
  ].filter((field) => !field.name.includes(".") || typed.length > 2);
  return near.slice(0, MAX_SHOWN).map((field) => ({
    ...{ label: field.name, help: field.help, from: at },
    insert: `${field.name}${usual[field.kind]}`,
  }));
};
