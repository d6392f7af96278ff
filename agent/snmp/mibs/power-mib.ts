/** UPS-MIB (RFC 1628) and POWER-ETHERNET-MIB (RFC 3621). */
import { decodeNumber, decodeText } from "../decode.ts";
import { compact, defineTable, type Tables } from "../table.ts";

const UPS = "1.3.6.1.2.1.33.1";
export const upsScalars = {
  manufacturer: `${UPS}.1.1.0`,
  model: `${UPS}.1.2.0`,
  upsSoftwareVersion: `${UPS}.1.3.0`,
  agentSoftwareVersion: `${UPS}.1.4.0`,
  name: `${UPS}.1.5.0`,
  attachedDevices: `${UPS}.1.6.0`,
  batteryStatus: `${UPS}.2.1.0`,
  minutesRemaining: `${UPS}.2.3.0`,
  chargeRemaining: `${UPS}.2.4.0`,
  outputSource: `${UPS}.4.1.0`,
  configOutputVA: `${UPS}.9.5.0`,
  configOutputPower: `${UPS}.9.6.0`,
} as const;

export type Ups = {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly agentVersion?: string;
  readonly name?: string;
  readonly batteryStatus?: string;
  readonly outputSource?: string;
  readonly minutesRemaining?: number;
  readonly chargePercent?: number;
  readonly ratedVa?: number;
  readonly ratedWatts?: number;
};

const batteryStatuses = ["", "unknown", "batteryNormal", "batteryLow", "batteryDepleted"];
const outputSources = ["", "other", "none", "normal", "bypass", "battery", "booster", "reducer"];
const positive = (n: number | undefined): number | undefined => (n !== undefined && n > 0 ? n : undefined);

export const decodeUps = (tables: Tables): Ups | undefined => {
  const text = (key: keyof typeof upsScalars) => decodeText(tables.scalar(upsScalars[key]));
  const number = (key: keyof typeof upsScalars) => decodeNumber(tables.scalar(upsScalars[key]));
  const ups: Ups = compact({
    manufacturer: text("manufacturer"),
    model: text("model"),
    firmware: text("upsSoftwareVersion"),
    agentVersion: text("agentSoftwareVersion"),
    name: text("name"),
    batteryStatus: batteryStatuses[number("batteryStatus") ?? 0] || undefined,
    outputSource: outputSources[number("outputSource") ?? 0] || undefined,
    minutesRemaining: number("minutesRemaining"),
    chargePercent: number("chargeRemaining"),
    ratedVa: positive(number("configOutputVA")),
    ratedWatts: positive(number("configOutputPower")),
  });
  return Object.keys(ups).length > 0 ? ups : undefined;
};

/** Index: group (member of a stack). */
export const pethMainPseTable = defineTable("pethMainPseTable", "1.3.6.1.2.1.105.1.3.1.1", {
  pethMainPsePower: 2,
  pethMainPseOperStatus: 3,
  pethMainPseConsumptionPower: 4,
});
/** Index: group, port. */
export const pethPsePortTable = defineTable("pethPsePortTable", "1.3.6.1.2.1.105.1.1.1", {
  pethPsePortAdminEnable: 3,
  pethPsePortDetectionStatus: 6,
  pethPsePortPowerClassifications: 10,
});

export type PoeGroup = {
  readonly group: number;
  readonly powerWatts?: number;
  readonly consumptionWatts?: number;
  readonly state?: string;
};
export type PoePort = {
  readonly group: number;
  readonly port: number;
  readonly enabled?: boolean;
  readonly detection?: string;
  readonly class?: number;
};

const pseStates = ["", "on", "off", "faulty"];
const detections = ["", "disabled", "searching", "deliveringPower", "fault", "test", "otherFault"];

export const decodePoeGroups = (tables: Tables): readonly PoeGroup[] =>
  tables.rows(pethMainPseTable).map(({ parts: [group = 0], cells }) => ({
    group,
    ...compact({
      powerWatts: decodeNumber(cells.pethMainPsePower),
      consumptionWatts: decodeNumber(cells.pethMainPseConsumptionPower),
      state: pseStates[decodeNumber(cells.pethMainPseOperStatus) ?? 0] || undefined,
    }),
  }));

export const decodePoePorts = (tables: Tables): readonly PoePort[] =>
  tables.rows(pethPsePortTable).map(({ parts: [group = 0, port = 0], cells }) => {
    const admin = decodeNumber(cells.pethPsePortAdminEnable);
    const classification = decodeNumber(cells.pethPsePortPowerClassifications);
    return {
      group,
      port,
      ...compact({
        enabled: admin === undefined ? undefined : admin === 1,
        detection: detections[decodeNumber(cells.pethPsePortDetectionStatus) ?? 0] || undefined,
        class: classification === undefined ? undefined : classification - 1,
      }),
    };
  });
