/** One unit file, merged with its drop-ins: the last value of a key wins, an empty one resets (systemd.unit(5)). */
export type UnitFile = ReadonlyMap<string, readonly string[]>;

/** Keys are "Section.Key"; a line that ends in a backslash goes on. */
export const parseUnit = (text: string): UnitFile => {
  const found = new Map<string, string[]>();
  let section = "";
  for (const raw of text.replace(/\\\r?\n/g, " ").split("\n")) {
    const line = raw.trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    const header = /^\[([^\]]+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header;
      continue;
    }
    const at = line.indexOf("=");
    if (at <= 0) continue;
    const key = `${section}.${line.slice(0, at).trim()}`;
    const value = line.slice(at + 1).trim();
    found.set(key, value === "" ? [] : [...(found.get(key) ?? []), value]);
  }
  return found;
};

export const unitValue = (unit: UnitFile, key: string): string | undefined => unit.get(key)?.at(-1);

/** "getty@tty1.service" is made from "getty@.service". */
export const templateOf = (name: string): string | undefined => {
  const match = /^([^@]+@)[^@]*(\.[a-z]+)$/.exec(name);
  return match ? `${match[1]}${match[2]}` : undefined;
};

/** The schedule of a timer in systemd's own words, e.g. "OnCalendar=daily". Random delays are left out. */
export const timerSchedule = (unit: UnitFile): string | undefined => {
  const keys = ["OnCalendar", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec", "OnActiveSec"];
  const parts = keys.flatMap((key) => (unit.get(`Timer.${key}`) ?? []).map((value) => `${key}=${value}`));
  return parts.length === 0 ? undefined : parts.join("; ");
};
