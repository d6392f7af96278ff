import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { systemClock } from "../../../shared/clock.ts";
import { formatDuration, formatTime } from "./value.ts";

const NowContext = createContext(0);
const STEP_MS = 10_000;

/** One clock for all ages of the page, so that a table of them is drawn again once, not a hundred times. */
export const NowProvider = ({ children }: { readonly children: ReactNode }) => {
  const [now, setNow] = useState(systemClock.now);
  useEffect(() => {
    let cancel = (): void => {};
    const step = (): void => {
      setNow(systemClock.now());
      cancel = systemClock.after(STEP_MS, step);
    };
    cancel = systemClock.after(STEP_MS, step);
    return () => cancel();
  }, []);
  return <NowContext value={now}>{children}</NowContext>;
};

export const useNow = (): number => use(NowContext);

/** How long ago, with the exact time for whoever hovers or listens. */
export const Ago = ({ at, suffix = " ago" }: { readonly at: string; readonly suffix?: string }) => {
  const age = useNow() - Date.parse(at);
  return (
    <time dateTime={at} title={formatTime(at)} className="nowrap">
      {age < STEP_MS ? (suffix === "" ? "moments" : "just now") : `${formatDuration(age)}${suffix}`}
    </time>
  );
};

export const At = ({ at }: { readonly at: string }) => (
  <time dateTime={at} className="nowrap">
    {formatTime(at)}
  </time>
);

/** A time to come, or "now". */
export const In = ({ at }: { readonly at: string }) => {
  const left = Date.parse(at) - useNow();
  return <span className="nowrap">{left <= 0 ? "now" : `in ${formatDuration(left)}`}</span>;
};
