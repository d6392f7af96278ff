import { expect } from "vitest";
import {
  addressOf,
  LOOK_MS,
  lanHosts,
  macOf,
  macOfName,
  NET,
  NEW_ADDRESS,
  NEWCOMER,
  numbers,
  serveDhcp,
} from "../support/story-cast.ts";
import type { StoryLab } from "../support/story-lab.ts";
import type { Stage, Told } from "../support/story-stage.ts";

type Dhcp = {
  readonly server: { kill: () => boolean };
  readonly client: { kill: (signal: NodeJS.Signals) => boolean };
};

/** Stories of hosts that have no agent. */
export const tellOfDevices = (stage: Stage, s: () => StoryLab, dhcp: () => Dhcp): readonly Told[] => {
  const { story, idOf, open, missing, quiet, presenceOf, isPresent, allOf, expectProof } = stage;
  const addressOfLeased = () => s().on("leased", "ip", "-4", "-o", "addr", "show", "dev", "eth0");
  return [
    story("calls an unplugged host missing, once, and resolves that when it is plugged in again", 0, async () => {
      await s().lab.setAwake("server", false);
      const found = await missing("server");
      expect(found).toMatchObject({ state: "open" });
      await expectProof(found.incidentId);
      await s().lab.setAwake("server", true);
      await quiet("server");
      const [after, ...others] = await s().casesOf(idOf("server"));
      expect(others).toEqual([]);
      expect(after).toMatchObject({ state: "resolved", resolution: "the same device was seen again" });
      expect((await stage.evidenceOf(found.incidentId)).at(-1)).toMatchObject({ bearing: "against" });
      expect(await allOf("server")).toEqual(["device-missing resolved"]);
      await isPresent("server");
    }),

    story("names the switch and the port of a host whose port went down", 1.6 * LOOK_MS, async () => {
      const port = `p${1 + lanHosts.findIndex(({ name }) => name === "till")}`;
      await s().onSwitch("ip", "link", "set", port, "down");
      const found = await missing("till");
      expect(found).toMatchObject({ lastKnownPlace: expect.stringContaining(`core port ${port}`) });
      expect(found["nextStep"]).toContain(`port ${port} of core`);
      await expectProof(found.incidentId);
      await s().onSwitch("ip", "link", "set", port, "up");
      await quiet("till");
      expect(await allOf("till")).toEqual(["device-missing resolved"]);
    }),

    story("does not take a stranger who answers for a missing server's address for the server", 0, async () => {
      await s().lab.setAwake("victim", false);
      const first = await missing("victim");
      await s().lab.setAwake("stranger", true);
      await s().on("stranger", "ping", "-c", "3", `${NET}.${numbers.one}`);
      await s().rest(3 * LOOK_MS);
      expect(await open("victim")).toMatchObject({ incidentId: first.incidentId });
      expect(await presenceOf("victim")).toBe("missing");
      await s().lab.setAwake("stranger", false);
      await s().lab.setAwake("victim", true);
      await quiet("victim");
      expect(await allOf("victim")).toEqual(["device-missing resolved"]);
    }),

    story("misses a device that another with the same address took the place of, and names that one", 0, async () => {
      await s().lab.setAwake("old", false);
      await s().lab.setAwake("newcomer", true);
      const found = await missing("old");
      expect(found.summary).toContain("which is another device");
      expect(found["nextStep"]).toContain("replaced");
      const newcomer = await s().byMac(macOf(NEWCOMER));
      expect(newcomer).toMatchObject({ primaryAddress: addressOf(numbers.old), presence: "present" });
      expect(newcomer?.["assetId"]).not.toBe(idOf("old"));
      expect(await allOf("old")).toEqual(["device-missing open"]);
    }),

    story("follows a device to which the DHCP server gives another address, and misses nobody", 0, async () => {
      const { server, client } = dhcp();
      server.kill();
      const next = serveDhcp(s().lab, NEW_ADDRESS);
      await s().rest(1_000);
      // It gives the old address back and asks anew. One that is refused instead first waits for three seconds, half of an
      // interval here, and what is away for that long may be missed.
      client.kill("SIGUSR2");
      await s().soon("the old address is given back", async () => (await addressOfLeased()) === "");
      client.kill("SIGUSR1");
      await s().soon("the lease is another one", async () => (await addressOfLeased()).includes(NEW_ADDRESS));
      await s().soon("the new address is known", async () => {
        const asset = (await s().assets()).find((one) => one["assetId"] === idOf("leased"));
        return asset?.["primaryAddress"] === NEW_ADDRESS && asset["presence"] === "present";
      });
      await s().rest(4 * LOOK_MS);
      expect(await allOf("leased")).toEqual([]);
      expect((await s().byMac(macOfName("leased")))?.["assetId"]).toBe(idOf("leased"));
      next.kill();
    }),
  ];
};
