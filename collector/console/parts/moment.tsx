import { TextInput } from "@mantine/core";
import { fromLocalText, toLocalText } from "./moment-text.ts";

export const MomentInput = ({
  label,
  value,
  onChange,
  earliest,
  isLive = false,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (timestamp: string | undefined) => void;
  /** Nothing is known of before. */
  readonly earliest?: string | undefined;
  /** Told with every key, not when it is done: for whoever only keeps it. */
  readonly isLive?: boolean;
}) => (
  <TextInput
    type="datetime-local"
    step={1}
    label={label}
    size="sm"
    {...(earliest !== undefined && { min: toLocalText(earliest) })}
    defaultValue={toLocalText(value)}
    key={isLive ? "live" : (value ?? "now")}
    onChange={(event) => isLive && onChange(fromLocalText(event.currentTarget.value))}
    onBlur={(event) => onChange(fromLocalText(event.currentTarget.value))}
    onKeyDown={(event) => {
      if (event.key === "Enter") onChange(fromLocalText(event.currentTarget.value));
    }}
  />
);
