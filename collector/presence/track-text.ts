import { NEVER, type Track } from "./track.ts";

/**
 * How a field lies that a row does not tell, as of most assets most are: part of the form of rows, so that no value here is ever
 * altered. What tells whose it is and in what state is always told.
 */
const UNTOLD: Partial<Track> = {
  address: null,
  addressKey: null,
  mac: null,
  agentId: null,
  parentId: null,
  port: null,
  observerId: null,
  dueMs: NEVER,
  lastMethod: null,
  lastBy: null,
  looks: [],
  suspicion: null,
  away: null,
  rhythm: "",
  missed: 0,
  longestAwayMs: 0,
  absences: 0,
  flaps: 0,
  incidentId: null,
  orphanSinceMs: null,
};

const isUntold = (field: keyof Track, value: unknown): boolean =>
  value === UNTOLD[field] || (field === "looks" && (value as Track["looks"]).length === 0);

/** Hours of which nothing is known yet: `z300.` for three hundred zeros. */
const withoutZeros = (rhythm: string): string => rhythm.replace(/0{6,}/g, (zeros) => `z${zeros.length}.`);
const withZeros = (text: string): string => text.replace(/z([0-9]+)\./g, (_, count) => "0".repeat(Number(count)));

/** JSON of what is not as it mostly is: a third of the whole for a host that its own agent tells of. */
export const spellTrack = (track: Track): string => {
  const told: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(track)) if (!isUntold(field as keyof Track, value)) told[field] = value;
  if (track.rhythm !== "") told["rhythm"] = withoutZeros(track.rhythm);
  return JSON.stringify(told);
};

/** Also of a row that tells everything, as those did before. */
export const readTrack = (text: string): Track => {
  const told = { ...UNTOLD, ...(JSON.parse(text) as Track) };
  return { ...told, rhythm: withZeros(told.rhythm) };
};
