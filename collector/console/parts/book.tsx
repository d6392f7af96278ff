import { Textarea, TextInput } from "@mantine/core";
import type { Book, BookField } from "../../../shared/model/book.ts";
import { useNow } from "./ago.tsx";
import { formatDate } from "./value.ts";

/** What people write of an asset, as they are asked for it. */
type Input = {
  readonly label: string;
  readonly placeholder?: string;
  readonly as?: "day" | "paragraph";
  /** What the browser holds it to before it is sent. */
  readonly pattern?: string;
};

export const bookInputs: Readonly<Record<BookField, Input>> = {
  owner: { label: "Owner", placeholder: "Who answers for it" },
  location: { label: "Location", placeholder: "Building, room, rack, desk" },
  inventoryNumber: { label: "Inventory number" },
  costCentre: { label: "Cost centre" },
  supplier: { label: "Supplier" },
  orderNumber: { label: "Order number" },
  purchasedOn: { label: "Purchased on", as: "day" },
  price: { label: "Price", placeholder: "1299.00 EUR", pattern: "\\d{1,12}(\\.\\d{1,3})? [A-Z]{3}" },
  warrantyUntil: { label: "Warranty until", as: "day" },
  contract: { label: "Contract", placeholder: "Maintenance or lease" },
  note: { label: "Note", as: "paragraph" },
};
export const bookNames = Object.keys(bookInputs) as readonly BookField[];
export const isBookName = (field: string): field is BookField => Object.hasOwn(bookInputs, field);

export const BookInput = ({
  name,
  value,
  onChange,
}: {
  readonly name: BookField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) => {
  const { label, placeholder, as, pattern } = bookInputs[name];
  if (as === "paragraph")
    return (
      <Textarea
        className="book-wide"
        label={label}
        maxLength={2_000}
        autosize
        minRows={2}
        maxRows={8}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      label={label}
      {...(as === "day" ? { type: "date", min: "1900-01-01", max: "2199-12-31" } : { maxLength: 256 })}
      {...(placeholder !== undefined && { placeholder })}
      {...(pattern !== undefined && { pattern, title: `Such as ${placeholder}` })}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
};

const DAY_MS = 86_400_000;

/** Its last day counts; what is over says so. `atMs`: as of another time than now. */
const Warranty = ({ until, atMs }: { readonly until: string; readonly atMs: number | undefined }) => {
  const now = useNow();
  const isOver = Date.parse(until) + DAY_MS <= (atMs ?? now);
  return <time dateTime={until}>{isOver ? `over since ${formatDate(until)}` : `until ${formatDate(until)}`}</time>;
};

/** What is worth a look before anything else; all of it, with who wrote it and when, is among the facts. */
export const bookRows = ({ owner, location, inventoryNumber, warrantyUntil }: Book, atMs?: number) =>
  [
    ["Owner", owner],
    ["Location", location],
    ["Inventory number", inventoryNumber && <span className="mono">{inventoryNumber}</span>],
    ["Warranty", warrantyUntil && <Warranty until={warrantyUntil} atMs={atMs} />],
  ] as const;
