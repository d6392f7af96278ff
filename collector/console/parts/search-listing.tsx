import { Group } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";
import { SearchField } from "./filters.tsx";
import { Listing } from "./listing.tsx";
import { Empty } from "./states.tsx";

type Words = {
  /** What is looked for. */
  readonly field: string;
  /** Where nothing fits. */
  readonly hint: string;
  /** Where there is nothing at all. */
  readonly none: string;
  readonly why: string;
};

/** A listing under a field that searches it; `filters` stand beside the field. */
export const SearchListing = <T extends object>({
  q,
  onSearch,
  words,
  filters,
  ...listing
}: Omit<ComponentProps<typeof Listing<T>>, "empty"> & {
  readonly q: string | undefined;
  readonly onSearch: (q: string | undefined) => void;
  readonly words: Words;
  readonly filters?: ReactNode;
}) => (
  <>
    <Group gap="xs" mb="sm" className="filters">
      <SearchField label={words.field} value={q} onChange={onSearch} />
      {filters}
    </Group>
    <Listing {...listing} empty={<Empty title={q ? "Nothing fits" : words.none}>{q ? words.hint : words.why}</Empty>} />
  </>
);
