import { ActionIcon, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHelp, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Problem } from "../../../shared/model/problem.ts";
import { queries } from "../queries.ts";
import { QueryHelp } from "./query-help.tsx";
import { type Suggestion, suggest } from "./query-suggest.ts";
import { useTypedText } from "./typed-text.ts";

/** Long enough that a word is mostly written when it is asked. */
const ASK_AFTER_MS = 450;
const MAX_CHARS = 2_048;

/** The query with its wrong part marked, and what is wrong there. */
const Fault = ({ text, problem }: { readonly text: string; readonly problem: Problem }) => {
  const { position = 0, length = 1 } = problem;
  return (
    <div className="query-fault" role="status" id="query-fault">
      <code>
        {text.slice(Math.max(0, position - 40), position)}
        <mark>{text.slice(position, position + length) || "…"}</mark>
        {text.slice(position + length, position + length + 40)}
      </code>
      <span>{problem.detail}</span>
    </div>
  );
};

const Options = ({
  options,
  active,
  pick,
}: {
  readonly options: readonly Suggestion[];
  readonly active: number;
  readonly pick: (one: Suggestion) => void;
}) => (
  <div className="query-options" role="listbox" id="query-options" aria-label="Suggestions">
    {options.map((one, i) => (
      <div
        key={one.label}
        id={`query-option-${i}`}
        role="option"
        tabIndex={-1}
        aria-selected={i === active}
        onMouseDown={(event) => {
          // The field keeps the focus.
          event.preventDefault();
          pick(one);
        }}
      >
        <code>{one.label}</code> <span className="dimmed">{one.help}</span>
      </div>
    ))}
  </div>
);

/** Words and fields of a query over assets, with suggestions at the caret; what is wrong is said below. */
export const QueryBox = ({
  value,
  onChange,
  problem,
}: {
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly problem: Problem | undefined;
}) => {
  const { text, type, tell } = useTypedText(value, onChange, ASK_AFTER_MS);
  const [options, setOptions] = useState<readonly Suggestion[]>([]);
  const [active, setActive] = useState(-1);
  const [help, { open: showHelp, close: hideHelp }] = useDisclosure();
  const field = useRef<HTMLInputElement>(null);
  const { data } = useQuery(queries.assetFields());

  const close = () => {
    setOptions([]);
    setActive(-1);
  };
  const change = (next: string, caret: number) => {
    setActive(-1);
    setOptions(suggest(next, caret, data?.items ?? []));
    type(next);
  };
  const pick = ({ from, insert }: Suggestion) => {
    const caret = field.current?.selectionStart ?? text.length;
    const next = text.slice(0, from) + insert + text.slice(caret);
    const end = from + insert.length;
    // Before the next key: a caret that is set later would be moved away under somebody who types on.
    flushSync(() => change(next, end));
    field.current?.setSelectionRange(end, end);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const chosen = options[active];
    if (step !== 0 && options.length > 0) {
      event.preventDefault();
      setActive((active + step + options.length) % options.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen) {
      event.preventDefault();
      pick(chosen);
    } else if (event.key === "Enter") {
      close();
      tell();
    } else if (event.key === "Escape" && options.length > 0) {
      event.preventDefault();
      close();
    }
  };
  const isWrong = problem?.code.startsWith("query.") ?? false;
  return (
    <div className="query-box">
      <TextInput
        ref={field}
        type="text"
        role="combobox"
        aria-label="Query"
        aria-expanded={options.length > 0}
        aria-controls="query-options"
        aria-autocomplete="list"
        aria-activedescendant={active < 0 ? undefined : `query-option-${active}`}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? "query-fault" : undefined}
        data-query-box=""
        autoComplete="off"
        spellCheck={false}
        placeholder="Words, or type:printer seen>7d not source:snmp"
        leftSection={<IconSearch size={15} aria-hidden="true" />}
        rightSection={
          <Tooltip label="What can be asked">
            <ActionIcon variant="subtle" color="gray" aria-label="What can be asked" onClick={showHelp}>
              <IconHelp size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        }
        value={text}
        maxLength={MAX_CHARS}
        onChange={({ currentTarget: { value: next, selectionStart } }) => change(next, selectionStart ?? next.length)}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {options.length > 0 && <Options options={options} active={active} pick={pick} />}
      {isWrong && problem && <Fault text={value ?? ""} problem={problem} />}
      <QueryHelp opened={help} close={hideHelp} fields={data?.items ?? []} />
    </div>
  );
};
