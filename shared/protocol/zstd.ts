/**
 * How many octets a zstd frame says that it inflates to (RFC 8878, 3.1.1.1); undefined where it does not say, or is none. A claim, to
 * make room by and not to trust.
 */
export const claimedSize = (frame: Uint8Array): number | undefined => {
  const descriptor = frame[4];
  if (frame[0] !== 0x28 || frame[1] !== 0xb5 || frame[2] !== 0x2f || frame[3] !== 0xfd || descriptor === undefined)
    return undefined;
  const isSingle = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const octets = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  if (octets === 0 || frame.length < at + octets) return undefined;
  let size = 0;
  for (let i = at + octets - 1; i >= at; i--) size = size * 256 + (frame[i] as number);
  return octets === 2 ? size + 256 : size;
};
