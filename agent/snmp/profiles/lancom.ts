/** LANCOM: LCOS (LCOS-MIB firmware table, below 2356.11 or 2356.600.x), LCOS SX switches. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, scalar, when } from "./rules.ts";

export const lancomLcos = defineProfile({
  name: "lancom-lcos",
  sysObjectID: "E.2356",
  vendor: "Lancom",
  type: [when(/OAP|L-\d|LN-|LW-|IAP|WLC/, "wireless"), fixed("router")],
  osName: "LCOS",
  model: [column("E.2356.11.3.1.1.2"), descr(/^(LANCOM .+?) \d+\.\d/)],
  osVersion: [column("E.2356.11.3.1.1.3"), descr(/ (\d+\.\d+\.\d+\S* \/ [\d.]+)/)],
  serialNumber: [column("E.2356.11.3.1.1.4"), descr(/\/ [\d.]+ (\w+)/)],
});
export const lancomLcosSx = defineProfile({
  name: "lancom-lcos-sx",
  sysObjectID: "E.2356.16",
  vendor: "Lancom",
  type: "switch",
  osName: "LCOS SX",
  model: [scalar("E.2356.16.1.1.1.1.3.0"), descr(/^LANCOM (\S+)/)],
  osVersion: [scalar("E.2356.16.1.1.1.1.13.0"), descr(/, (\d+\.\d+\.\d+\S*)/)],
  serialNumber: [scalar("E.2356.16.1.1.1.1.4.0")],
});
