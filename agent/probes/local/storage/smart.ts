import type { Disk } from "./disks.ts";

/** The verdict in `smartctl --json -H`: for ATA, SCSI and NVMe alike in `smart_status.passed`. */
export const parseSmartctl = (json: string): Disk["smartStatus"] => {
  let report: unknown;
  try {
    report = JSON.parse(json);
  } catch {
    return "unknown";
  }
  const passed = (report as { smart_status?: { passed?: unknown } } | null)?.smart_status?.passed;
  return passed === true ? "passed" : passed === false ? "failed" : "unknown";
};

/** Only disks with a controller of their own have a verdict; a virtual one has its host's, which it can't see. */
export const hasSmart = ({ kind, transport }: Disk): boolean =>
  kind === "hdd" || kind === "ssd"
    ? transport === "sata" || transport === "sas" || transport === "scsi"
    : kind === "nvme";

/** eMMC states its own wear in steps of 10 %: 0x0b in either byte means beyond its life (JEDEC JESD84-B51, 7.4.34). */
export const emmcStatus = (lifeTime: string | undefined): Disk["smartStatus"] => {
  const wear = lifeTime?.split(/\s+/).map((part) => Number.parseInt(part, 16));
  if (wear === undefined || wear.length === 0 || wear.some((n) => !Number.isFinite(n))) return undefined;
  return wear.some((n) => n >= 0x0b) ? "failed" : "passed";
};
