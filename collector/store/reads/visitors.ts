import { toTimestamp } from "../../../shared/clock.ts";
import type { VisitorDays, VisitorRow } from "../../../shared/model/visitor.ts";
import type { SubjectKey } from "../../../shared/protocol/observation.ts";
import { isSoftMac } from "../../identity/keys.ts";
import { stitchVisitors, type Visitor } from "../../identity/stitch.ts";
import { countVisitors, type Visit } from "../../identity/visitor-days.ts";
import { collectVisitors } from "../../identity/visitors.ts";
import { createLocalTime } from "../../presence/local-time.ts";
import type { Page, VisitorDaysQuery, VisitorQuery } from "../reads.ts";
import type { Database } from "../sqlite/database.ts";
import { searchWords } from "./filter.ts";
import { readNetworks } from "./networks.ts";
import { decodeCursor, toPage } from "./page.ts";

/** Intervals that one answer is made of, the newest first: some tenths of a second. At a site of a thousand phones about five days. */
const MAX_INTERVALS = 20_000;

// In the order of the index of visitors, by their number.
const UNPLACED =
  "SELECT realm, keys, first_at, last_at FROM observations WHERE asset_id IS NULL ORDER BY observation_no DESC LIMIT ?";

const labelOf = (realm: string, mac: string): string => `${realm}\0${mac}`;

const isFound = ({ realm, mac, names, addresses }: Visitor, query: VisitorQuery): boolean =>
  (query.realm === undefined || query.realm === realm) &&
  searchWords(query.search).every((word) =>
    [mac, ...names, ...addresses].some((text) => text.toLowerCase().includes(word.toLowerCase())),
  );

const isAfter = (a: Visitor, lastAtMs: number, label: string): boolean =>
  a.lastAtMs < lastAtMs || (a.lastAtMs === lastAtMs && labelOf(a.realm, a.mac) > label);

/** MACs set by software that became no asset, seen last first, each with the one that it probably was before. */
export const readVisitors = (db: Database, query: VisitorQuery): Page<VisitorRow> => {
  const list = "visitors";
  const visitors = collectVisitors(
    db.all(UNPLACED, MAX_INTERVALS).map((record) => ({
      realm: String(record["realm"]),
      keys: JSON.parse(String(record["keys"])) as SubjectKey[],
      firstAtMs: Number(record["first_at"]),
      lastAtMs: Number(record["last_at"]),
    })),
  );
  const guesses = new Map(stitchVisitors(visitors).map((guess) => [labelOf(guess.realm, guess.to), guess]));
  const [lastAtMs, label] = decodeCursor(query.cursor, list, 2) ?? [];
  const rows = visitors
    .filter((visitor) => isFound(visitor, query))
    .filter((visitor) => lastAtMs === undefined || isAfter(visitor, Number(lastAtMs), String(label)))
    .sort((a, b) => b.lastAtMs - a.lastAtMs || (labelOf(a.realm, a.mac) < labelOf(b.realm, b.mac) ? -1 : 1));
  const toRow = ({ realm, mac, names, addresses, ...at }: Visitor): VisitorRow => {
    const guess = guesses.get(labelOf(realm, mac));
    return {
      ...{ realm, mac, names: [...names], addresses: [...addresses] },
      ...{ firstSeen: toTimestamp(at.firstAtMs), lastSeen: toTimestamp(at.lastAtMs) },
      ...(guess && { guess: { mac: guess.from, score: guess.score, because: guess.because } }),
    };
  };
  return toPage(rows, query.limit, toRow, (last) => ({ list, after: [last.lastAtMs, labelOf(last.realm, last.mac)] }));
};

/** Intervals that days are counted from: no texts are compared, so that they may be more. */
const MAX_COUNTED = 100_000;
const DAY_MS = 86_400_000;
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Different visitors of each network on each of the last days; today is the last. */
export const readVisitorDays = (
  db: Database,
  { days, timeZone, realm }: VisitorDaysQuery,
  nowMs: number,
): VisitorDays => {
  const networks = readNetworks(db);
  const { dayNumber } = createLocalTime(timeZone);
  const records = db.all(UNPLACED, MAX_COUNTED);
  const visits = records.flatMap((record): Visit[] => {
    const keys = JSON.parse(String(record["keys"])) as SubjectKey[];
    const mac = keys.find(isSoftMac)?.value;
    const at = {
      realm: String(record["realm"]),
      firstAtMs: Number(record["first_at"]),
      lastAtMs: Number(record["last_at"]),
    };
    if (mac === undefined || (realm !== undefined && at.realm !== realm)) return [];
    const address = keys.find(({ kind }) => kind === "ip")?.value;
    const cidr = address === undefined ? undefined : networks.holderOf(at.realm, address)?.cidr;
    return [{ ...at, mac, ...(cidr !== undefined && { cidr }) }];
  });
  const throughDay = dayNumber(nowMs);
  // Of the day of the oldest one that was looked at others may be missing.
  const oldest = records.length < MAX_COUNTED ? undefined : records.at(-1);
  const fromDay = Math.max(throughDay - days + 1, oldest ? dayNumber(Number(oldest["first_at"])) + 1 : 0);
  return {
    ...{ from: dateOf(Math.min(fromDay, throughDay)), through: dateOf(throughDay) },
    items: countVisitors(visits, { fromDay: Math.min(fromDay, throughDay), throughDay, dayOf: dayNumber }).map(
      ({ counts, ...of }) => ({ ...of, counts: [...counts] }),
    ),
  };
};
