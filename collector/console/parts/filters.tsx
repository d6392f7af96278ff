import { Button, Menu, TextInput } from "@mantine/core";
import { IconChevronDown, IconSearch, IconX } from "@tabler/icons-react";
import { useTypedText } from "./typed-text.ts";

type Option = { readonly value: string; readonly label: string; readonly count?: number | undefined };

/** Values of a filter as they stand in the address line: "server,laptop". */
export const toValues = (text: string | undefined): readonly string[] =>
  (text ?? "").split(",").filter((value) => value !== "");

/** Several of a few known values; what is chosen is said on the button. */
export const FilterMenu = ({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) => {
  const chosen = toValues(value);
  const names = options.filter((option) => chosen.includes(option.value)).map((option) => option.label);
  const toggle = (one: string) => {
    const next = chosen.includes(one) ? chosen.filter((value) => value !== one) : [...chosen, one];
    onChange(next.length === 0 ? undefined : next.join(","));
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-start" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          className={chosen.length > 0 ? "filter chosen" : "filter"}
          rightSection={<IconChevronDown size={14} aria-hidden="true" />}
        >
          {names.length === 0 ? label : `${label}: ${names.length > 2 ? `${names.length} chosen` : names.join(", ")}`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className="filter-menu">
        {options.map((option) => (
          <Menu.CheckboxItem
            key={option.value}
            checked={chosen.includes(option.value)}
            onChange={() => toggle(option.value)}
            rightSection={option.count !== undefined && <span className="count">{option.count}</span>}
          >
            {option.label}
          </Menu.CheckboxItem>
        ))}
        {chosen.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconX size={14} aria-hidden="true" />}
              closeMenuOnClick
              onClick={() => onChange(undefined)}
            >
              Clear
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
};

/** Asks a moment after the last key, not at every one. */
export const SearchField = ({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) => {
  const { text, type } = useTypedText(value, onChange, 200);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      className="search-field"
      leftSection={<IconSearch size={15} aria-hidden="true" />}
      value={text}
      maxLength={128}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
};
