import { expect } from "vitest";
import { LOOK_MS, NET } from "../support/story-cast.ts";
import type { StoryLab } from "../support/story-lab.ts";
import type { Stage, Told } from "../support/story-stage.ts";

const BOOT_ID = "5e0f7c1e-6f5a-4c38-9d0c-2b1f6f1f0a77";

/** Stories of agents and the hosts that they live on; most of those are watched by others too. */
export const tellOfAgents = (stage: Stage, s: () => StoryLab): readonly Told[] => {
  const { story, idOf, missing, quiet, presenceOf, isPresent, allOf, agentCase, agentQuiet, evidenceOf } = stage;
  return [
    story("says of a killed agent that its host lives", 0, async () => {
      await s().end("clerk");
      const silent = await agentCase("clerk", "open");
      expect(silent.summary).toMatch(/^The connection was closed by a living host/);
      expect(await evidenceOf(silent.incidentId)).toContainEqual(
        expect.objectContaining({ method: "connection", bearing: "against", couldSee: "could-see" }),
      );
      await s().rest(2 * LOOK_MS);
      expect(["present", "late"]).toContain(await presenceOf("clerk"));
      s().startAgent("clerk");
      await agentQuiet("clerk");
      expect(await allOf("clerk")).toEqual(["agent-silent resolved"]);
    }),

    story(
      "calls a host with an agent missing when its interface goes down; its silence is part of that",
      0,
      async () => {
        await s().lab.setAwake("kiosk", false);
        const found = await missing("kiosk");
        expect(found).toMatchObject({ state: "open" });
        await stage.expectProof(found.incidentId);
        await agentCase("kiosk", "part-of");
        await s().lab.setAwake("kiosk", true);
        await quiet("kiosk");
        await agentQuiet("kiosk");
        expect((await allOf("kiosk")).sort()).toEqual(["agent-silent resolved", "device-missing resolved"]);
      },
    ),

    story("calls an agent that hangs silent, and its host, which others see, not missing", 1.3 * LOOK_MS, async () => {
      s().child("press")?.kill("SIGSTOP");
      const silent = await agentCase("press", "open");
      expect(silent.summary).not.toMatch(/closed by a living host/);
      expect(silent.summary).toContain("other agents also look");
      await s().rest(3 * LOOK_MS);
      expect(["present", "late"]).toContain(await presenceOf("press"));
      s().child("press")?.kill("SIGCONT");
      await agentQuiet("press");
      expect(await allOf("press")).toEqual(["agent-silent resolved"]);
    }),

    story("calls nobody missing because one of the agents on a segment is deaf", 0, async () => {
      const rule = "table arp deaf { chain i { type filter hook input priority 0;\narp operation reply drop\n}\n}\n";
      // Deaf to others it is, and not cut off: its kernel could not ask anew for the collector's MAC.
      const keep = `mac=$(ip neigh show to ${NET}.1 dev eth0 | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p')
        ip neigh replace ${NET}.1 dev eth0 lladdr "$mac" nud`;
      const kept = await s().lab.exec("three", ["sh", "-ec", `${keep} permanent`]);
      expect(kept.stderr).toBe("");
      await s().lab.nft("three", rule);
      await s().rest(6 * LOOK_MS);
      const sees = (await s().get("/coverage")).items.filter((row) => row["agentId"] === idOf("agent three"));
      expect(sees.length).toBeGreaterThan(0);
      await s().lab.nft("three", "delete table arp deaf");
      await s().lab.exec("three", ["sh", "-ec", `${keep} reachable`]);
      // Who sees nothing for long is a case of its own, about the agent and no device. A look that began while it was deaf may
      // open it yet.
      await s().rest(2 * LOOK_MS);
      for (const one of await s().cases())
        if (one.kind === "segment-unreachable" && one.agentId === idOf("agent three")) stage.expectCase(one);
      await agentQuiet("three");
    }),

    story("lets a laptop sleep for three nights, and misses neither it nor its agent", 0, async () => {
      let nights = 0;
      for (let tries = 0; nights < 3 && tries < 6; tries++) {
        await s().fallAsleep("laptop");
        // A host that was too slow in falling asleep has said hello again meanwhile: that was no night.
        const isAsleep = (await s().agentState("laptop")) === "said-goodbye";
        if (isAsleep) {
          nights++;
          await isPresent("laptop", "away");
          await s().rest(2.5 * LOOK_MS);
          expect(await presenceOf("laptop")).toBe("away");
        }
        await s().lab.setAwake("laptop", true);
        s().child("laptop")?.kill("SIGCONT");
        await isPresent("laptop");
      }
      expect(nights).toBe(3);
      expect(await allOf("laptop")).toEqual([]);
    }),

    story(
      "says nothing of a host that is rebooted: all of it ends, and it comes up with another boot's id",
      0,
      async () => {
        await s().lab.setAwake("rebooter", false);
        await s().end("rebooter");
        await s().rest(LOOK_MS / 2);
        await s().lab.setAwake("rebooter", true);
        s().startAgentAfterBoot("rebooter", BOOT_ID);
        await s().rest(3 * LOOK_MS);
        expect(await s().bootIdOf("rebooter")).toBe(BOOT_ID);
        await isPresent("rebooter");
        expect(await allOf("rebooter")).toEqual([]);
      },
    ),

    story("does not miss an agent that was uninstalled, with its signed goodbye", 0, async () => {
      await s().end("leaver", "SIGTERM");
      expect((await s().agent("leaver", "goodbye", "--removed")).stdout).toContain("is not to be missed");
      await s().rest(5 * LOOK_MS);
      await isPresent("leaver");
      expect(await allOf("leaver")).toEqual([]);
    }),

    story("leaves what only a revoked agent watched unobserved, not missing", 0, async () => {
      expect(await presenceOf("lonely")).toBe("present");
      await s().post(`/agents/${idOf("agent guest")}/revoke`, { reason: "lent out" });
      await s().lab.setAwake("lonely", false);
      await isPresent("lonely", "unobserved");
      await s().rest(3 * LOOK_MS);
      expect(await presenceOf("lonely")).toBe("unobserved");
      await isPresent("guest");
      expect([...(await allOf("lonely")), ...(await allOf("guest"))]).toEqual([]);
      await s().end("guest");
    }),
  ];
};
