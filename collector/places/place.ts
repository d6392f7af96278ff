/** Where a MAC is: the one port among those that several devices name. Pure. */

/** One device's word: this MAC was learned on this port, or this radio client serves it. */
export type Sight = {
  readonly deviceId: string;
  readonly kind: "port" | "radio";
  readonly port: string;
  /** 0: none told. */
  readonly vlan: number;
  readonly mac: string;
  /** MAC of the access point, where a controller speaks of a client. */
  readonly accessPoint?: string;
  readonly ssid?: string;
  /** How many MACs are on that port now. */
  readonly crowd: number;
  readonly fromMs: number;
  readonly untilMs?: number;
};

const lastMs = ({ untilMs }: Sight): number => untilMs ?? Number.POSITIVE_INFINITY;

/**
 * The place among the words of several devices: who says so now before who said so once; a radio before the port that its
 * access point hangs on; the port with the fewest MACs, since every switch on the way has learned the MAC too; else the
 * latest.
 */
export const choosePlace = (sights: readonly Sight[]): Sight | undefined =>
  [...sights].sort(
    (a, b) =>
      (a.untilMs === undefined ? 0 : 1) - (b.untilMs === undefined ? 0 : 1) ||
      (a.untilMs === undefined ? 0 : lastMs(b) - lastMs(a)) ||
      (a.kind === "radio" ? 0 : 1) - (b.kind === "radio" ? 0 : 1) ||
      a.crowd - b.crowd ||
      b.fromMs - a.fromMs ||
      (`${a.deviceId} ${a.port}` < `${b.deviceId} ${b.port}` ? -1 : 1),
  )[0];
