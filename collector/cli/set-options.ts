import { RollcallError } from "../../shared/errors.ts";

/** `--set a=1`: values are JSON where they are, else text. @throws RollcallError `usage.set` */
export const parseSets = (sets: readonly string[]): Record<string, unknown> => {
  const out: Record<string, unknown> = {};
  for (const set of sets) {
    const at = set.indexOf("=");
    if (at < 1) throw new RollcallError("usage.set", `--set ${set}: expected PATH=VALUE`);
    const path = set
      .slice(0, at)
      .replace(/^presence\./, "")
      .split(".");
    const leaf = path.pop() ?? "";
    let place = out;
    if ([...path, leaf].includes("__proto__"))
      throw new RollcallError("usage.set", `--set ${set}: no policy has a part __proto__`);
    for (const part of path) {
      if (!Object.hasOwn(place, part)) place[part] = {};
      place = place[part] as Record<string, unknown>;
    }
    place[leaf] = parseValue(set.slice(at + 1));
  }
  return out;
};

const parseValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
