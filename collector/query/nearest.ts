/** Edits (insert, drop, replace, swap neighbours) from one word to the other; more than `most` are not told apart. */
const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, isSwap ? before[j - 2]! + 1 : Number.MAX_VALUE);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
};

const MAX_CHARS = 64;

/** The known word that was meant, as far as a few mistyped letters or a cut end tell; undefined where none is near. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const typed = word.slice(0, MAX_CHARS).toLowerCase();
  const most = typed.length < 4 ? 1 : typed.length < 8 ? 2 : 3;
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of known) {
    const lower = name.toLowerCase();
    const isCut = typed.length >= 3 && (lower.startsWith(typed) || typed.startsWith(lower));
    const edits = isCut ? 0.5 : distance(typed, lower, most);
    if (edits <= most && (best === undefined || edits < best.edits)) best = { name, edits };
  }
  return best?.name;
};
