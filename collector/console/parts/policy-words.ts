import { formatValue } from "./value.ts";
import { toSentence, toWords } from "./words.ts";

/** The policy's settings in words: what each is called, and what it decides. Names are those of the configuration. */
export type SettingWord = { readonly label: string; readonly hint?: string };

export const settingWords: Readonly<Record<string, SettingWord>> = {
  "presence.timeZone": { label: "Time zone", hint: "weeks, days and business hours are counted in it" },
  "presence.silentAfterBeats": { label: "Lost heartbeats until an agent is silent" },
  "presence.silentMinMs": { label: "Least time until an agent is silent" },
  "presence.closedPatienceMs": { label: "Time for an agent’s restart", hint: "after its host closed the connection" },
  "presence.goodbyeMs": { label: "Patience after a goodbye", hint: "unless the agent itself expects longer" },
  "presence.lookIntervalMs": { label: "Time between looks", hint: "assumed until it was learned" },
  "presence.blindAfterIntervals": { label: "Blind after", hint: "looking intervals in which nobody could see" },
  "presence.minAsks": { label: "Asks that make a miss" },
  "presence.minSpreadMs": { label: "Least time between those asks" },
  "presence.missesToAccuse": { label: "Misses until accused", hint: "one fewer with a second observer" },
  "presence.patienceIntervals": { label: "Patience", hint: "looking intervals since it was last seen" },
  "presence.missSpanIntervals": { label: "Least span of the misses", hint: "looking intervals; lets a reboot pass" },
  "presence.patienceMinMs": { label: "Least patience" },
  "presence.confirmMs": { label: "Time for a confirming look" },
  "presence.expectedDaysMissed": { label: "Expected days missed", hint: "of a device with a rhythm of its own" },
  "presence.doubtShare": { label: "Share missed at once that makes us doubt a look" },
  "presence.reopenWithinMs": { label: "Reopened within", hint: "later, it is a new incident" },
  "presence.flapDoublings": { label: "Doublings of patience", hint: "one for each return within a day" },
  "presence.ownLatenessMs": { label: "Our own lateness that restarts all clocks" },
  "presence.clockWrongMs": { label: "Clock error that is an incident" },
  "incidents.handling": { label: "What each kind becomes" },
  "incidents.responseMinutes": { label: "Minutes to the first answer", hint: "by priority, 1 to 5, of business hours" },
  "incidents.resolutionMinutes": { label: "Minutes to the end", hint: "by priority, 1 to 5, of business hours" },
  "incidents.businessHours": { label: "Business hours" },
};

/** "presence.silentAfterBeats" in words; "incidents.handling.clock-wrong" as "Clock wrong". */
export const settingLabel = (setting: string): string => {
  const [, name = "", kind] = setting.split(".");
  return kind === undefined ? (settingWords[setting]?.label ?? toWords(name)) : toSentence(kind);
};

/** Exactly: 90 s are not "1 min" where somebody compares settings. */
const formatMs = (ms: number): string => {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const;
  const [size, unit] = units.find(([one]) => ms >= one && ms % one === 0) ?? [1, "ms"];
  return `${ms / size} ${unit}`;
};

/** A setting's value for people: those in milliseconds as a duration. */
export const formatSetting = (name: string, value: unknown): string => {
  if (typeof value === "number" && /Ms$/.test(name)) return formatMs(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => formatSetting("", one)).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([key, one]) => `${toWords(key)}: ${formatSetting(name, one)}`)
      .join("; ");
  return formatValue(name, value);
};
