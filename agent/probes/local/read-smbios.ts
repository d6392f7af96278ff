import { decodeSmbiosTable, type SmbiosStructure } from "./smbios.ts";
import type { Tree } from "./tree.ts";

/**
 * Where the table may be: the kernel's own file (root only), then the copy that a systemd unit hands over to an
 * unprivileged daemon at its start (`ExecStartPre=+`, mode 0440).
 */
export const SMBIOS_PATHS = ["/sys/firmware/dmi/tables/DMI", "/run/rollcall-agent/smbios"] as const;
const MAX_TABLE_BYTES = 262_144;

export type SmbiosReading = { readonly structures: readonly SmbiosStructure[]; readonly denied: boolean };

/** @param handedOver where a unit left its copy, when not at the usual place (`LoadCredential=`). Read from the same tree. */
export const readSmbios = (tree: Tree, handedOver?: string): SmbiosReading => {
  for (const path of handedOver === undefined ? SMBIOS_PATHS : [handedOver, ...SMBIOS_PATHS]) {
    const table = tree.readBytes(path, { maxBytes: MAX_TABLE_BYTES });
    if (table !== undefined && table.length > 0) return { structures: decodeSmbiosTable(table), denied: false };
  }
  return { structures: [], denied: tree.denied.includes(SMBIOS_PATHS[0]) };
};
