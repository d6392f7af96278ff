import { z } from "zod";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { compact, meaningful } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";
import { isContainer } from "./virtual.ts";

const STEP_PERCENT = 5;

/** Wear in steps, so that what the gauge relearns from charge to charge is no change. */
export const healthPercent = (full: number | undefined, design: number | undefined): number | undefined =>
  full === undefined || design === undefined || design <= 0 || full <= 0
    ? undefined
    : Math.min(100, Math.round(((full / design) * 100) / STEP_PERCENT) * STEP_PERCENT);

const MICROWATT_HOURS = 1_000; // to mWh
const MICRO_AMPERE_TIMES_VOLT = 1e9; // µAh times µV, to mWh

type Reading = { readonly item: SectionItem<"battery">; readonly chargePercent: number | undefined };

/** Batteries state energy (µWh) or charge (µAh, to be multiplied by the design voltage). */
const readBattery = (tree: Tree, name: string): Reading | undefined => {
  const sys = `/sys/class/power_supply/${name}`;
  if (tree.value(`${sys}/type`) !== "Battery") return undefined;
  // A mouse or a headset has a battery too; it is not this host's.
  if (tree.value(`${sys}/scope`) === "Device" || tree.value(`${sys}/present`) === "0") return undefined;
  const number = (field: string) => tree.number(`${sys}/${field}`);
  const energy = number("energy_full_design");
  const charge = number("charge_full_design");
  const volt = number("voltage_min_design");
  const fromCharge = charge !== undefined && volt !== undefined ? (charge * volt) / MICRO_AMPERE_TIMES_VOLT : undefined;
  const design = energy === undefined ? fromCharge : energy / MICROWATT_HOURS;
  return {
    item: compact({
      name,
      manufacturer: meaningful(tree.value(`${sys}/manufacturer`)),
      model: meaningful(tree.value(`${sys}/model_name`)),
      serialNumber: meaningful(tree.value(`${sys}/serial_number`)),
      technology: meaningful(tree.value(`${sys}/technology`)),
      designCapacityMwh: design === undefined ? undefined : Math.round(design),
      healthPercent: healthPercent(number("energy_full") ?? number("charge_full"), energy ?? charge),
    }),
    chargePercent: number("capacity"),
  };
};

const TIMEOUT_MS = 5_000;

/** The host's own batteries. Source: /sys/class/power_supply. The charge is a gauge. */
export const battery = defineProbe({
  name: "battery",
  sections: ["battery"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    if (isContainer(tree)) return { status: "no-data" };
    const readings = tree.list("/sys/class/power_supply").flatMap((name) => readBattery(tree, name) ?? []);
    const gauges = readings.flatMap(({ item, chargePercent }) =>
      chargePercent === undefined ? [] : [[`battery.chargePercent:${item.name}`, chargePercent] as const],
    );
    return {
      status: "ok",
      sections: { battery: readings.map(({ item }) => item) },
      gauges: Object.fromEntries(gauges),
    };
  },
});
