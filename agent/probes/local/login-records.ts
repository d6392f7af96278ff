/** glibc's login records on Linux: lastlog is an array by user id, wtmp a log; all little-endian on the machines we know. */

const LASTLOG_BYTES = 292;
const WTMP_BYTES = 384;
const USER_PROCESS = 7;

/** Where a user's record stands in /var/log/lastlog, which is sparse: a user id in the millions makes it look huge. */
export const lastlogOffset = (uid: number): { readonly offset: number; readonly maxBytes: number } => ({
  offset: uid * LASTLOG_BYTES,
  maxBytes: LASTLOG_BYTES,
});

/** Seconds since the epoch of a user's last login; undefined where there was none. */
export const decodeLastlog = (record: Uint8Array | undefined): number | undefined => {
  if (record === undefined || record.length < 4) return undefined;
  return new DataView(record.buffer, record.byteOffset, record.length).getUint32(0, true) || undefined;
};

/** Last login of each user in a piece of wtmp: utmp(5), `struct utmp` with 32-bit times (ut_type, ut_user, ut_tv). */
export const decodeWtmp = (records: Uint8Array): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  for (let at = 0; at + WTMP_BYTES <= records.length; at += WTMP_BYTES) {
    if (view.getInt16(at, true) !== USER_PROCESS) continue;
    const name = Buffer.from(records.subarray(at + 44, at + 76))
      .toString("utf8")
      .replace(/\0.*$/s, "");
    const seconds = view.getUint32(at + 340, true);
    if (name !== "" && seconds > (found.get(name) ?? 0)) found.set(name, seconds);
  }
  return found;
};
