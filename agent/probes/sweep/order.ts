import type { Random } from "../../../shared/random.ts";

const mix = (value: number, key: number): number => {
  let h = Math.imul(value ^ key, 0x9e3779b1) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) >>> 0;
  return (h ^ (h >>> 13)) >>> 0;
};

/**
 * The numbers from 0 to `size - 1` in random order, without keeping them: a Feistel network of four rounds over the next
 * even number of bits, walked again while it leads outside. Costs no memory for any range.
 */
export const createOrder = (size: number, random: Random): ((position: number) => number) => {
  const half = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const mask = 2 ** half - 1;
  const keys = Array.from({ length: 4 }, () => Math.floor(random.next() * 2 ** 32));
  const permute = (value: number): number => {
    let [left, right] = [Math.floor(value / 2 ** half), value % 2 ** half];
    for (const key of keys) [left, right] = [right, (left ^ (mix(right, key) & mask)) >>> 0];
    return left * 2 ** half + right;
  };
  return (position) => {
    let value = permute(position);
    while (value >= size) value = permute(value);
    return value;
  };
};
