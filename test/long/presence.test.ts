import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HostSpec, Lab } from "../support/lab.ts";
import { describeWith } from "../support/requires.ts";
import { openStoryLab, type StoryLab } from "../support/story-lab.ts";

/**
 * The stories of presence with the real programs: a collector, three agents, silent hosts and two switches, each in a
 * network namespace of its own on one segment. The stories run side by side, each about devices of its own. What nobody's
 * story is about must stay quiet.
 */
const needs = [
  { root: true },
  { program: "ip", package: "iproute2" },
  { program: "bridge", package: "iproute2" },
  { program: "nft", package: "nftables" },
  { program: "snmpd" },
  { program: "openssl" },
] as const;

const NET = "10.83.7";
const LOOK_MS = 6_000;
const presence = {
  silentMinMs: 6_000,
  closedPatienceMs: 4_000,
  patienceMinMs: 8_000,
  lookIntervalMs: LOOK_MS,
  confirmMs: 5_000,
  ownLatenessMs: 8_000,
};

const macOf = (n: number): string => `00:16:3e:07:00:${n.toString(16).padStart(2, "0")}`;
const numbers = {
  ...{ one: 2, two: 3, three: 4, server: 5, till: 6, victim: 7, old: 8, leased: 9, rebooter: 10, planned: 11 },
  ...{ camera: 12, printer: 13, phone: 14, badge: 15, panel: 16, meter: 17, floor: 29, core: 30 },
} as const;
type Name = keyof typeof numbers;
/** Who has a story of his own lives in a /24 of his own, on the one segment: losses of one subnet at one time are one case. */
const hasStory = (n: number): boolean => n > 2 && n < 12;
const addressOf = (n: number): string => (hasStory(n) ? `10.83.${100 + n}.${n}` : `${NET}.${n}`);
const NEW_ADDRESS = "10.83.109.20";
const host = (name: string, n: number): HostSpec => ({ name, address: addressOf(n), mac: macOf(n) });
/** Nobody's story: they must stay present all the time. */
const steady: readonly Name[] = ["camera", "printer", "phone", "badge", "panel", "meter"];
const desks = Array.from({ length: 30 }, (_, i) => 64 + i);
/** Another device with the address of "old", and one that answers for the missing "victim", with a MAC set by software. */
const NEWCOMER = 200;
const STRANGER_MAC = "02:16:3e:07:00:c9";

const scope = {
  name: "lan",
  targets: [`${NET}.0/27`, `${NET}.64/27`, ...Object.values(numbers).filter(hasStory).map(addressOf), NEW_ADDRESS],
  methods: ["arp"],
  intervalMinutes: LOOK_MS / 60_000,
};

const bridgeMib = fileURLToPath(new URL("../support/bridge-mib.mjs", import.meta.url));
/** Net-SNMP's agent on a bridge, with the forwarding table that the kernel itself keeps. */
const serveSnmp = (lab: Lab, hostName: string, bridge: string, address: string) => {
  const file = join(lab.folder, `${hostName}-snmpd.conf`);
  const mib = `pass_persist .1.3.6.1.2.1.17 ${process.execPath} ${bridgeMib} ${bridge}`;
  writeFileSync(file, `rocommunity lab\nsysName ${hostName === "switch" ? "core" : hostName}\n${mib}\n`);
  const argv = ["snmpd", "-f", "-LE", "3", "-C", "-c", file, "-p", `${file}.pid`, `udp:${address}:161`];
  const env = { SNMP_PERSISTENT_DIR: join(lab.folder, `${hostName}-snmp`), MIBS: "" };
  lab.spawn(hostName, argv, { env }).stderr?.resume();
};

/** The lab's bridge gets an address, so that it is a switch which one can ask; the desks' cables go to a second one. */
const prepare = async (lab: Lab) => {
  const sh = async (at: string, script: string) => {
    const { code, stderr } = await lab.exec(at, ["sh", "-ec", script]);
    if (code !== 0) throw new Error(`${at}: ${stderr}`);
  };
  await sh(
    "switch",
    `ip link set br-lan address ${macOf(numbers.core)}; ip addr add ${NET}.${numbers.core}/16 brd + dev br-lan`,
  );
  await sh(
    "floor",
    `ip addr flush dev eth0; ip link add br0 type bridge forward_delay 0 mcast_snooping 0; ip link set br0 address ${macOf(numbers.floor)} up
     ip link set eth0 address ${macOf(201)} master br0; ip addr add ${NET}.${numbers.floor}/16 brd + dev br0`,
  );
  // Ports of the desks: the last ones that the lab made.
  const first = 1 + lanHosts.length;
  for (let i = 0; i < desks.length; i++) {
    const port = `p${first + i}`;
    await sh("switch", `ip link set ${port} netns ${lab.prefix}-floor`);
    await sh("floor", `ip link set ${port} master br0 up`);
  }
  // Everything is quicker here: also the time for which a kernel believes what it knows of its neighbours.
  for (const at of ["one", "two", "three"])
    await sh(
      at,
      "cd /proc/sys/net/ipv4/neigh/eth0; echo 2000 > base_reachable_time_ms; echo 1 > delay_first_probe_time",
    );
  for (const at of ["newcomer", "stranger"]) await lab.setAwake(at, false);
  serveSnmp(lab, "switch", "br-lan", `${NET}.${numbers.core}`);
  serveSnmp(lab, "floor", "br0", `${NET}.${numbers.floor}`);
  writeFileSync(join(lab.folder, "snmp.yaml"), '- { version: 2c, community: "lab" }\n');
};

const lanHosts: readonly HostSpec[] = [
  ...Object.entries(numbers).flatMap(([name, n]) => (name === "core" ? [] : [host(name, n)])),
  { name: "newcomer", address: addressOf(numbers.old), mac: macOf(NEWCOMER) },
  { name: "stranger", address: addressOf(numbers.victim), mac: STRANGER_MAC },
];

const everybody: readonly (readonly [string, number])[] = [
  ...Object.entries(numbers),
  ...desks.map((n) => [`desk${n}`, n] as const),
];

type Told = Promise<{ readonly error?: unknown }>;

describeWith("presence with real agents", needs, () => {
  let s: StoryLab;
  const prefix = `rcp${process.pid}`;
  const beginnings: (() => void)[] = [];
  const ids = new Map<string, string>();
  const idOf = (name: string): string => ids.get(name) ?? "";
  /** Cases that a story expects, by asset or agent; whatever else is found at the end is a false alarm. */
  const expected = new Set<string>();

  /** Begins with the others, `afterMs` later, or when another story has ended; the test only waits for its end. */
  const story = (name: string, after: number | readonly Told[], tell: () => Promise<void>): Told => {
    const { promise, resolve } = Promise.withResolvers<{ error?: unknown }>();
    const begin = async () => {
      if (typeof after === "number") await s.rest(after);
      else await Promise.all(after);
      await tell();
    };
    beginnings.push(() => {
      begin().then(
        () => resolve({}),
        (error: unknown) => resolve({ error }),
      );
    });
    it(name, async () => {
      const { error } = await promise;
      if (error !== undefined) throw new Error(`${String(error)}\n${s.told()}`, { cause: error });
    }, 600_000);
    return promise;
  };
  const open = async (name: string, kind = "device-missing") => {
    const found = (await s.casesOf(idOf(name), kind)).find((one) => one.state !== "resolved");
    if (found) expected.add(found.incidentId);
    return found;
  };
  const missing = (name: string) => s.soon(`${name} is missing`, () => open(name));
  const quiet = (name: string, kind = "device-missing") =>
    s.soon(`nothing is open of ${name}`, async () => (await open(name, kind)) === undefined);
  const presenceOf = async (name: string) => (await s.assets()).find((a) => a["assetId"] === idOf(name))?.["presence"];
  const agentCase = (name: string, state: string) =>
    s.soon(`agent ${name} is a case, ${state}`, async () => {
      const found = (await s.cases()).find(
        (one) => one.kind === "agent-silent" && one.state === state && one.agentId === idOf(`agent ${name}`),
      );
      if (found) expected.add(found.incidentId);
      return found;
    });
  const agentsQuiet = (name: string) =>
    s.soon(`agent ${name} is heard again`, async () =>
      (await s.cases()).every((one) => one.state === "resolved" || one.agentId !== idOf(`agent ${name}`)),
    );

  beforeAll(async () => {
    s = await openStoryLab({
      ...{
        prefix,
        net: NET,
        prefixLength: 16,
        presence,
        prepare,
        hosts: [...lanHosts, ...desks.map((n) => host(`desk${n}`, n))],
      },
      agents: [
        {
          name: "one",
          scopes: (folder) => [{ ...scope, snmp: { intervalMinutes: 1, credentialsFile: join(folder, "snmp.yaml") } }],
        },
        { name: "two", scopes: () => [scope] },
        { name: "three", scopes: () => [scope] },
      ],
    });
    let lacking: string[] = [];
    await s
      .soon("the agents see all hosts, and the switches were read", async () => {
        const assets = await s.assets();
        lacking = everybody.flatMap(([name, n]) => {
          // An agent's host in a namespace is known twice: by its agent, and by its virtual interface from outside.
          const asset = assets.find((one) => one["primaryMac"] === macOf(n) && one["agentId"] === undefined);
          if (asset) ids.set(name, String(asset["assetId"]));
          const isRead = (name !== "core" && name !== "floor") || asset?.["name"] === name;
          return asset?.["presence"] === "present" && isRead ? [] : [name];
        });
        return lacking.length === 0;
      })
      .catch((cause: unknown) => {
        throw new Error(`not seen or not read: ${lacking.join(" ")}\n${s.told()}`, { cause });
      });
    for (const { name, agentId } of (await s.get("/agents")).items) ids.set(`agent ${name}`, String(agentId));
    // Two more rounds, so that the interval is known and all have looked.
    await s.rest(2 * LOOK_MS);
    for (const begin of beginnings) begin();
  }, 400_000);
  afterAll(() => s?.stop(), 60_000);

  const onHosts = [
    story("calls an unplugged host missing, once, and resolves that when it is plugged in again", 0, async () => {
      await s.lab.setAwake("server", false);
      expect(await missing("server")).toMatchObject({ state: "open" });
      await s.lab.setAwake("server", true);
      await quiet("server");
      expect(await s.casesOf(idOf("server"))).toHaveLength(1);
      expect(await presenceOf("server")).toBe("present");
    }),

    story("names the switch and the port of a host whose port went down", 1.6 * LOOK_MS, async () => {
      const port = `p${1 + lanHosts.findIndex(({ name }) => name === "till")}`;
      await s.onSwitch("ip", "link", "set", port, "down");
      const found = await missing("till");
      expect(found).toMatchObject({ lastKnownPlace: expect.stringContaining(`core port ${port}`) });
      expect(found["nextStep"]).toContain(`port ${port} of core`);
      await s.onSwitch("ip", "link", "set", port, "up");
      await quiet("till");
    }),

    story("does not take a stranger who answers for a missing server's address for the server", 0, async () => {
      await s.lab.setAwake("victim", false);
      const first = await missing("victim");
      await s.lab.setAwake("stranger", true);
      await s.on("stranger", "ping", "-c", "3", `${NET}.${numbers.one}`);
      await s.rest(3 * LOOK_MS);
      expect(await open("victim")).toMatchObject({ incidentId: first.incidentId });
      expect(await presenceOf("victim")).toBe("missing");
      await s.lab.setAwake("stranger", false);
      await s.lab.setAwake("victim", true);
      await quiet("victim");
    }),

    story("misses a device that another with the same address took the place of, and names that one", 0, async () => {
      await s.lab.setAwake("old", false);
      await s.lab.setAwake("newcomer", true);
      const found = await missing("old");
      expect(found.summary).toContain("which is another device");
      expect(found["nextStep"]).toContain("replaced");
      const newcomer = await s.byMac(macOf(NEWCOMER));
      expect(newcomer).toMatchObject({ primaryAddress: addressOf(numbers.old), presence: "present" });
      expect(newcomer?.["assetId"]).not.toBe(idOf("old"));
    }),

    story("follows a device that gets another address, and misses nobody", 0, async () => {
      await s.on("leased", "ip", "addr", "flush", "dev", "eth0");
      await s.on("leased", "ip", "addr", "add", `${NEW_ADDRESS}/16`, "brd", "+", "dev", "eth0");
      await s.soon("the new address is known", async () => {
        const asset = (await s.assets()).find((one) => one["assetId"] === idOf("leased"));
        return asset?.["primaryAddress"] === NEW_ADDRESS && asset["presence"] === "present";
      });
      expect(await s.casesOf(idOf("leased"))).toEqual([]);
    }),

    story("says nothing of a host that is away for as long as a restart takes", 0, async () => {
      await s.lab.setAwake("rebooter", false);
      await s.rest(LOOK_MS / 2);
      await s.lab.setAwake("rebooter", true);
      await s.rest(3 * LOOK_MS);
      expect(await s.casesOf(idOf("rebooter"))).toEqual([]);
    }),
  ];

  const onTwo = story(
    "says of a killed agent that its host lives; of one whose link is cut, that the host is missing",
    0,
    async () => {
      await s.end("two");
      const silent = await agentCase("two", "open");
      expect(silent.summary).toMatch(/^The connection was closed by a living host/);
      await s.rest(2 * LOOK_MS);
      expect(await s.casesOf(idOf("two"))).toEqual([]);
      s.startAgent("two");
      await agentsQuiet("two");

      await s.lab.setAwake("two", false);
      expect(await missing("two")).toMatchObject({ state: "open" });
      await agentCase("two", "part-of");
      await s.lab.setAwake("two", true);
      await quiet("two");
      await agentsQuiet("two");
      expect(await s.casesOf(idOf("two"))).toHaveLength(1);
    },
  );

  const onThree = story(
    "calls nobody missing because one of the agents is deaf; a stopped one is silent, its host not missing",
    0,
    async () => {
      const rule = "table arp deaf { chain i { type filter hook input priority 0;\narp operation reply drop\n}\n}\n";
      await s.lab.nft("three", rule);
      await s.rest(6 * LOOK_MS);
      await s.lab.nft("three", "delete table arp deaf");
      for (const one of await s.cases()) if (one.kind === "segment-unreachable") expected.add(one.incidentId);
      await agentsQuiet("three");

      // Two agents at one switch that fall silent together would be one case, and rightly so.
      await onTwo;
      s.child("three")?.kill("SIGSTOP");
      const silent = await agentCase("three", "open");
      expect(silent.summary).not.toMatch(/closed by a living host/);
      await s.rest(3 * LOOK_MS);
      expect(await s.casesOf(idOf("three"))).toEqual([]);
      s.child("three")?.kill("SIGCONT");
      await agentsQuiet("three");
    },
  );

  const onAgents = [...onHosts, onTwo, onThree];
  const uplink = story(
    "makes one case of an uplink that was cut, with the switch and all thirty behind it, and heals it whole",
    onAgents,
    async () => {
      const before = new Set((await s.cases()).map((one) => one.incidentId));
      const news = async () =>
        (await s.cases()).filter((one) => !before.has(one.incidentId) && one.state !== "resolved");
      await s.lab.setAwake("floor", false);
      const top = await s.soon("one case for all of it", async () => {
        const all = await news();
        const tops = all.filter((one) => one.state !== "part-of");
        return all.length >= 20 && tops.length === 1 && tops[0];
      });
      expect(top).toMatchObject({
        kind: "segment-unreachable",
        title: expect.stringMatching(/^floor and \d+ behind it/),
      });
      await s.rest(2 * LOOK_MS);
      expect((await news()).filter((one) => one.state !== "part-of").map((one) => one.title)).toEqual([top.title]);
      for (const one of await news()) expected.add(one.incidentId);
      await s.lab.setAwake("floor", true);
      await s.soon("all of it is over", async () => (await news()).length === 0);
    },
  );

  story("raises nothing when the collector itself was away, nor in a maintenance window", [uplink], async () => {
    const before = (await s.cases()).length;
    await s.end("collector");
    await s.rest(3 * LOOK_MS);
    const [from, to] = [Date.now() - 60_000, Date.now() + 3_600_000].map((ms) => new Date(ms).toISOString());
    const match = { assetIds: [idOf("planned")] };
    await s.startCollector({ maintenance: [{ kind: "once", name: "a new disk", match, from, to }] });
    await s.lab.setAwake("planned", false);
    await s.soon("it is away", async () => (await presenceOf("planned")) === "away");
    await s.rest(5 * LOOK_MS);
    expect(await s.cases()).toHaveLength(before);
    expect(await presenceOf("planned")).toBe("away");
  });

  it("raised nothing else in all that time, and lost sight of nobody who was there", async () => {
    const others = (await s.cases()).filter((one) => !expected.has(one.incidentId));
    expect(others.map((one) => `${one.kind} ${one.state}: ${one.title}\n${one.summary}`)).toEqual([]);
    for (const name of steady) expect(await presenceOf(name), name).toBe("present");
  });
});
