import { describe, expect, it } from "vitest";
import { createCommandGate } from "../../agent/command-gate.ts";
import { judgeCommand } from "../../agent/commands.ts";
import { agentConfigFile } from "../../agent/config-file.ts";
import type { Command } from "../../shared/protocol/envelope.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

const { config } = agentConfigFile.load({
  file: {
    path: "agent.yaml",
    text: [
      "scopes:",
      "  - { name: office, targets: [10.1.0.0/22, fd00::/64], exclude: [10.1.0.66], methods: [arp, icmp] }",
      "  - { name: core, targets: [10.2.0.1-9], snmp: { credentialsFile: /etc/rollcall/snmp.yaml } }",
    ].join("\n"),
  },
  env: {},
  sets: [],
});

const look = (
  targets: string[],
  { scope = "office", methods = [] as string[], expiresAtMs = 1_000 } = {},
): Command => ({
  commandId: "c",
  expiresAtMs,
  action: { kind: "look", scope, targets, methods },
});

describe("the agent's own ceiling", () => {
  it.each<[string, Command, RegExp]>([
    ["an address outside the scope", look(["10.1.4.0"]), /10\.1\.4\.0 is outside/],
    ["a network that is wider than the scope", look(["10.0.0.0/22"]), /outside/],
    ["what the scope leaves out", look(["10.1.0.66"]), /10\.1\.0\.66 is outside/],
    ["more than a thousand addresses", look(["10.1.0.0/21"]), /more than 1024/],
    ["an IPv6 network", look(["fd00::/64"]), /outside/],
    ["an IPv6 address elsewhere", look(["fd01::1"]), /outside/],
    ["a name, which a name server could lead anywhere", look(["localhost"]), /not addresses|is outside|not known/],
    ["a method that the scope does not allow", look(["10.1.0.7"], { methods: ["tcp"] }), /method "tcp"/],
    ["a method that does not exist", look(["10.1.0.7"], { methods: ["telepathy"] }), /method "telepathy"/],
    ["a scope that does not exist", look(["10.1.0.7"], { scope: "world" }), /no scope "world"/],
    ["what comes too late", look(["10.1.0.7"], { expiresAtMs: 5 }), /expired/],
    [
      "SNMP where the scope has none",
      { commandId: "c", expiresAtMs: 1_000, action: { kind: "snmp", scope: "office", targets: ["10.1.0.7"] } },
      /has no snmp/,
    ],
  ])("refuses %s", async (_, command, reason) => {
    const judged = await judgeCommand(command, config, 10);
    expect(judged).toMatchObject({ status: "refused", reason: expect.stringMatching(reason) });
  });

  it("lets through what is inside", async () => {
    expect(await judgeCommand(look(["10.1.0.7", "fd00::1"], { methods: ["arp"] }), config, 10)).toMatchObject({
      ...{ status: "look", targets: ["10.1.0.7", "fd00::1"], methods: ["arp"] },
    });
    expect(await judgeCommand(look(["10.1.0.7"]), config, 10)).toMatchObject({ methods: ["arp", "icmp"] });
    const snmp: Command = {
      commandId: "c",
      expiresAtMs: 99,
      action: { kind: "snmp", scope: "core", targets: ["10.2.0.3"] },
    };
    expect(await judgeCommand(snmp, config, 10)).toMatchObject({ status: "snmp" });
  });

  it("refuses every kind that the configuration switched off", async () => {
    const off = { ...config, commands: { ...config.commands, inventory: false } };
    const command: Command = { commandId: "c", expiresAtMs: 99, action: { kind: "inventory" } };
    expect(await judgeCommand(command, config, 10)).toEqual({ status: "inventory" });
    expect(await judgeCommand(command, off, 10)).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("commands.inventory"),
    });
  });
});

describe("the gate for commands", () => {
  it("takes each command once, two at a time, so many an hour", async () => {
    const clock = createVirtualClock();
    const gate = createCommandGate({ clock, perHour: 3 });
    expect(gate.enter("a")).toBeUndefined();
    expect(gate.enter("a")).toBe("again");
    expect(gate.enter("b")).toBeUndefined();
    expect(gate.enter("c")).toMatchObject({ refused: expect.stringContaining("two commands") });
    gate.leave();
    gate.leave();
    expect(gate.enter("d")).toBeUndefined();
    gate.leave();
    expect(gate.enter("e")).toMatchObject({ refused: expect.stringContaining("in an hour") });
    await clock.advance(3_600_001);
    expect(gate.enter("f")).toBeUndefined();
  });
});
