import { sectionHash, toItems } from "../../shared/protocol/canonical.ts";
import type { KeptBody } from "../../shared/protocol/envelope.ts";
import type { SectionName } from "../../shared/protocol/sections.ts";
import type { SimAgent, SimDevice, World } from "./site-file.ts";
import type { Truth } from "./truth.ts";

/** What a simulated agent reads by SNMP: kinds of devices, and the tables of switches that topology is learned from. */

const step = (section: SectionName, content: unknown) => ({
  kind: "full" as const,
  section,
  hash: sectionHash(section, content),
  items: Object.fromEntries(toItems(section, content)) as Record<string, Record<string, unknown>>,
});

const snapshot = (device: SimDevice, observedAtMs: number, steps: readonly ReturnType<typeof step>[]): KeptBody => ({
  kind: "snapshot",
  snapshot: {
    source: "snmp",
    subject: {
      id: `mac:${device.mac}`,
      realm: device.site,
      keys: [
        { kind: "mac", value: device.mac ?? "" },
        { kind: "ip", value: device.address },
      ],
    },
    observedAtMs,
    steps: [...steps],
    failures: [],
  },
});

const systemOf = (device: SimDevice) => step("system", { type: device.type, sysName: device.id });

export const typeSnapshot = (device: SimDevice, observedAtMs: number): KeptBody =>
  snapshot(device, observedAtMs, [systemOf(device)]);

const UPLINK = "uplink";

/** What hangs on what, looked up. */
export type Wiring = {
  readonly device: (id: string) => SimDevice | undefined;
  readonly behind: (id: string) => readonly SimDevice[];
};

export const wiringOf = (world: World): Wiring => {
  const devices = new Map(world.devices.map((device) => [device.id, device]));
  const children = Map.groupBy(world.devices, (device) => device.parent);
  return { device: (id) => devices.get(id), behind: (id) => children.get(id) ?? [] };
};

/** Its forwarding table as it stands now: who is up behind each port, and the rest of the site by the uplink. */
export const switchSnapshot = (
  wiring: Wiring,
  truth: Truth,
  device: SimDevice,
  agent: SimAgent,
  observedAtMs: number,
  atMs: number,
): KeptBody => {
  const children = wiring.behind(device.id).filter((other) => other.mac !== undefined);
  const host = wiring.device(agent.host);
  const parent = device.parent === undefined ? undefined : wiring.device(device.parent);
  const portOf = (child: SimDevice) => child.port ?? child.id;
  const behind = (child: SimDevice): readonly SimDevice[] => [child, ...wiring.behind(child.id).flatMap(behind)];
  const rows = children.flatMap((child) =>
    behind(child)
      .filter((other) => other.mac !== undefined && truth.isUp(other.id, atMs))
      .map((other) => ({ vlan: 1, mac: other.mac, port: portOf(child), status: "learned" })),
  );
  const isHostBelow = rows.some((row) => row.mac === host?.mac);
  const up = parent && host?.mac && !isHostBelow ? [{ vlan: 1, mac: host.mac, port: UPLINK, status: "learned" }] : [];
  const isSwitch = (other: SimDevice) => other.type === "switch" || other.type === "router";
  const neighbours = [
    ...children.filter(isSwitch).map((child) => ({ device: child, port: portOf(child) })),
    ...(parent ? [{ device: parent, port: UPLINK }] : []),
  ];
  return snapshot(device, observedAtMs, [
    systemOf(device),
    step("fdb", [...rows, ...up]),
    step(
      "neighbours",
      neighbours.map(({ device: other, port }) => ({
        protocol: "lldp",
        localPort: port,
        remoteChassisId: other.mac,
        remotePortId: "1",
      })),
    ),
  ]);
};
