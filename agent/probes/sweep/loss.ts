/** Silence is believed when a living host would stay silent through all asks with less than this chance. */
export const RESIDUAL = 0.003;

/** Share of asks that got no answer, from how many hosts answered the first, second, third: each is the last times the loss. */
export const lossOf = (answers: readonly number[]): number => {
  const [first = 0, second = 0, third = 0] = answers;
  if (first + second === 0) return third > 0 ? 1 : 0;
  return Math.min(1, (second + third) / (first + (third > 0 ? second : 0) || 1));
};
