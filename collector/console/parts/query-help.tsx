import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { QueryField } from "../../../shared/model/query.ts";
import { Dialog } from "./dialog.tsx";

const examples: readonly (readonly [string, string])[] = [
  ["nb-01 lenovo", "show both words anywhere: name, model, serial, address, MAC"],
  ["type:printer,switch", "are one or the other"],
  ['name:srv-* site=""', "name begins so · have no site"],
  ['os~"Windows 10" not vendor:dell', "contains · is not"],
  ["seen>30d first<24h", "not seen for 30 days · new since yesterday"],
  ["changed>=2026-11-03", "changed on that day or later (UTC)"],
  ["ip in 10.1.0.0/16", "have an address there"],
  ["software:openssl<3.0.13", "have a version before that one"],
  ["source:arp not source:snmp", "seen by ARP, never by SNMP"],
  ["infdb:yes not source:arp", "in a switch's table, never seen by ARP"],
  ["owner~smith warranty<30d", "are hers, and out of warranty or nearly so"],
  ["booked:no seen<7d", "seen this week, and in no book"],
  ["(type:server or type:virtual*) memory.totalBytes>=64GiB", "parentheses, sizes, any field of the inventory"],
];

const MAX_FIELDS = 60;

const Fields = ({ fields }: { readonly fields: readonly QueryField[] }) => {
  const [text, setText] = useState("");
  const typed = text.trim().toLowerCase();
  const found = fields.filter(({ name, help }) =>
    typed === "" ? !name.includes(".") : name.toLowerCase().includes(typed) || help.toLowerCase().includes(typed),
  );
  return (
    <>
      <TextInput
        label="Fields"
        placeholder="disks, serial, kernel …"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        mt="md"
      />
      <table className="fact-table query-fields">
        <tbody>
          {found.slice(0, MAX_FIELDS).map(({ name, help, example }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{help}</td>
              <td className="from-sm">
                <code>{example}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="dimmed">
        {found.length > MAX_FIELDS
          ? `and ${found.length - MAX_FIELDS} more: type a part of the name`
          : typed === "" && `${fields.length} in all, those of inventories as SECTION.FIELD: type a part of the name`}
      </p>
    </>
  );
};

export const QueryHelp = ({
  opened,
  close,
  fields,
}: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly fields: readonly QueryField[];
}) => (
  <Dialog title="What can be asked" opened={opened} close={close} size="xl">
    <table className="fact-table query-fields">
      <tbody>
        {examples.map(([query, meaning]) => (
          <tr key={query}>
            <th scope="row">
              <code>{query}</code>
            </th>
            <td>{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
    <p className="dimmed">
      Terms beside each other must all hold; “or”, “not” and parentheses as everywhere. “:” is “is” and takes * and
      lists, “=” is to the letter, “~” is “contains”. Quotes hold blanks.
    </p>
    <Fields fields={fields} />
  </Dialog>
);
