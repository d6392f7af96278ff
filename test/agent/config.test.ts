import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { agentConfigFile } from "../../agent/config-file.ts";
import { exampleConfig } from "../../agent/config-text.ts";
import { directoriesOf } from "../../agent/directories.ts";
import type { ConfigSources } from "../../shared/config-file.ts";
import { readSecret } from "../../shared/secret.ts";

const { envNameOf, load: loadConfig, optionPaths } = agentConfigFile;

const load = (text = "", { env = {}, sets = [] }: Partial<Omit<ConfigSources, "file">> = {}) =>
  loadConfig({ file: { path: "agent.yaml", text }, env, sets });

const faultsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
};

describe("configuration of the agent", () => {
  it("has a default for everything", () => {
    const { config } = loadConfig({ file: undefined, env: {}, sets: [] });
    expect(config).toMatchObject({
      uplink: "websocket",
      heartbeatSeconds: 30,
      scopes: [],
      inventory: { personal: [] },
    });
  });

  it("tells five faults at once, each with its place", () => {
    const text = [
      "heartbeatSeconds: soon",
      "uplink: pigeon",
      "colector: {}",
      "collector: { url: 'http://collector.example' }",
      "scopes: [{ name: office, targets: [10.0.0.0/24], quietHours: always }]",
    ].join("\n");
    const faults = faultsOf(() => load(text));
    expect(faults.map((line) => line.split(":")[0])).toEqual(
      expect.arrayContaining(["heartbeatSeconds", "uplink", "colector", "collector.url", "scopes[0].quietHours"]),
    );
    expect(faults).toHaveLength(5);
  });

  it.each([
    ["a broker that is needed", "uplink: mqtt", /mqtt: is needed/],
    ["limits that cross", "spool: { softLimitMiB: 64, hardLimitMiB: 32 }", /hardLimitMiB/],
    ["a scope twice", "scopes: [{name: a, targets: [10.0.0.1]}, {name: a, targets: [10.0.0.2]}]", /scopes\[1\].name/],
    ["credentials in a URL", "collector: { url: 'https://me:secret@collector.example' }", /must not carry credentials/],
    ["a file that is no YAML", "a: [", /agent.yaml/],
    ["a file that is a list", "- a", /must hold options/],
  ])("refuses %s", (_, text, fault) => {
    expect(faultsOf(() => load(text)).join("\n")).toMatch(fault);
  });

  it("never repeats a secret in a fault", () => {
    const canary = "canary-6f1d";
    const faults = faultsOf(() =>
      load(
        `collector: { url: 'https://me:${canary}@h' }\nmqtt: { url: 'mqtts://me:${canary}@h', password: ${canary}, x: 1 }`,
        {
          sets: [`mqtt.password=${canary}`],
        },
      ),
    );
    expect(faults.length).toBeGreaterThan(2);
    expect(faults.join("\n")).not.toContain(canary);
  });

  it("takes the environment over the file, and --set over both", () => {
    const { config } = load("heartbeatSeconds: 10\nrealm: file\nname: file", {
      env: { ROLLCALL_AGENT_HEARTBEAT_SECONDS: "20", ROLLCALL_AGENT_NAME: "env", ROLLCALL_AGENT_CONFIG: "/etc/x" },
      sets: ["heartbeatSeconds=40", "inventory.personal=[users]", "collector.connectTimeoutSeconds=3"],
    });
    expect(config).toMatchObject({ heartbeatSeconds: 40, realm: "file", name: "env" });
    expect(config.inventory.personal).toEqual(["users"]);
    expect(config.collector.connectTimeoutSeconds).toBe(3);
  });

  it("gives every option a name of its own in the environment", () => {
    const names = optionPaths().map(envNameOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("ROLLCALL_AGENT_COLLECTOR_CA_FILE");
  });

  it("takes secrets on a command line by reference only", () => {
    const mqtt = "uplink: mqtt\nmqtt: { url: 'mqtts://broker.example' }";
    expect(faultsOf(() => load(mqtt, { sets: ["mqtt.password=hunter2"] })).join()).toMatch(/use @FILE or env:NAME/);
    expect(load(mqtt, { sets: ["mqtt.password=@/run/secret"] }).config.mqtt?.password).toBe("@/run/secret");
    expect(load(`${mqtt.slice(0, -2)}, password: literal }`).warnings).toHaveLength(1);
  });

  it("reads secrets from files and from the environment, and names only the reference when it can't", () => {
    const read = (path: string) => {
      if (path === "/there") return "s3cret\n";
      throw new Error("ENOENT");
    };
    expect(readSecret("@/there", {}, read)).toBe("s3cret");
    expect(readSecret("env:TOKEN", { TOKEN: "t" }, read)).toBe("t");
    expect(() => readSecret("env:TOKEN", {}, read)).toThrow("environment variable TOKEN is not set");
    expect(() => readSecret("@/gone", {}, read)).toThrow("reading the secret in /gone");
  });

  it("is documented line by line in the example file, which changes nothing as it is", () => {
    const text = readFileSync(new URL("../../systemd/agent.yaml", import.meta.url), "utf8");
    expect(text, "run: npm run -s agent -- doctor --example-config > systemd/agent.yaml").toBe(exampleConfig());
    expect(parse(text)).toBeNull();
    for (const path of optionPaths()) expect(text).toMatch(new RegExp(`^# *${path.split(".").at(-1)}:`, "m"));
  });
});

describe("folders of the agent", () => {
  it.each([
    [{}, { HOME: "/home/u" }, "/home/u/.local/state/rollcall-agent", "/home/u/.local/state/rollcall-agent"],
    [{}, { STATE_DIRECTORY: "/var/lib/a", RUNTIME_DIRECTORY: "/run/a:/run/b" }, "/var/lib/a", "/run/a"],
    [
      {},
      { HOME: "/h", XDG_RUNTIME_DIR: "/run/user/1" },
      "/h/.local/state/rollcall-agent",
      "/run/user/1/rollcall-agent",
    ],
    [{ stateDirectory: "/s" }, { XDG_RUNTIME_DIR: "/run/user/1" }, "/s", "/s"],
    [{ stateDirectory: "/s", runtimeDirectory: "/r" }, { STATE_DIRECTORY: "/x" }, "/s", "/r"],
  ])("are found for %j and %j", (config, env, state, runtime) => {
    expect(directoriesOf(config, env)).toEqual({ state, runtime });
  });
});
