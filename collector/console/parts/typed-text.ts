import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

type Value = string | undefined;

/**
 * The text of a field whose value lies in the address line: told `delayMs` after the last key, or at once by `tell`. What
 * changes the value from elsewhere changes the text; our own words, which come back when the next ones are typed already, don't.
 */
export const useTypedText = (value: Value, onChange: (value: Value) => void, delayMs: number) => {
  const [text, setText] = useState(value ?? "");
  /** What was told and has not come back as the value. */
  const told = useRef<Value[]>([]);
  const report = useDebouncedCallback((typed: string) => {
    const next = typed.trim() || undefined;
    if (next === (told.current.length > 0 ? told.current.at(-1) : value)) return;
    told.current.push(next);
    onChange(next);
  }, delayMs);
  useEffect(() => {
    const at = told.current.lastIndexOf(value);
    told.current = at < 0 ? [] : told.current.slice(at + 1);
    if (at < 0) setText((now) => (now.trim() === (value ?? "") ? now : (value ?? "")));
  }, [value]);
  const type = (next: string) => {
    setText(next);
    report(next);
  };
  return { text, type, tell: report.flush };
};
