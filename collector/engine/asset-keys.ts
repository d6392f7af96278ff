import type { AssetId } from "../../shared/ids.ts";
import type { SubjectKey } from "../../shared/protocol/observation.ts";
import { scopeOf } from "../identity/keys.ts";
import { keyRowOf } from "../store/key-rows.ts";
import type { AssetKeyRow } from "../store/store.ts";
import type { Place } from "./candidates.ts";
import type { Work } from "./context.ts";
import { isSameKey, survivorOf } from "./joins.ts";

/**
 * An asset's keys are written again at most this often while nothing about them is new, ms. Addresses more often: subnets tell who
 * used them until when, and a lease is counted from there.
 */
const ADDRESS_REFRESH_MS = 3_600_000;
const KEY_REFRESH_MS = 86_400_000;
export const refreshOf = ({ kind }: SubjectKey, leaseMs: number): number =>
  kind === "ip" ? Math.min(ADDRESS_REFRESH_MS, leaseMs / 6) : KEY_REFRESH_MS;

/** A device is at one address of a realm at a time: who is seen there by MAC takes it from who was there before. */
export const writeKeys = async (
  work: Work,
  what: Pick<Place, "subject" | "atMs" | "leaseMs"> & {
    readonly assetId: AssetId;
    readonly keys: readonly SubjectKey[];
    readonly known: readonly AssetKeyRow[];
  },
): Promise<void> => {
  const { assetId, keys, known, atMs, leaseMs } = what;
  const { realm } = what.subject;
  const lasting = keys.some(({ kind }) => kind !== "ip" && kind !== "hostname" && kind !== "fqdn");
  for (const key of keys) {
    const scoped = scopeOf(key, realm);
    const row = known.find((k) => isSameKey(k, key) && k.realm === scoped);
    if (row) {
      if (row.lastSeenAtMs <= atMs - refreshOf(row, leaseMs)) await work.tx.assets.keySeen(row, atMs);
      continue;
    }
    await work.tx.assets.putKey(keyRowOf(key, { assetId, realm: scoped, firstSeenAtMs: atMs, lastSeenAtMs: atMs }));
    if (key.kind === "ip" && lasting) await releaseAddress(work, assetId, key, realm);
  }
};

const releaseAddress = async (work: Work, assetId: AssetId, key: SubjectKey, realm: string): Promise<void> => {
  for (const other of await work.tx.assets.candidates([key]))
    if (other.realm === realm && (await survivorOf(work, other.assetId))?.assetId !== assetId)
      await work.tx.assets.dropKey(other);
};
