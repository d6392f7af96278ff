import { describe, expect, it } from "vitest";
import { type Half, matchLinks } from "../../../collector/places/links.ts";

const half = (text: string, more: Partial<Half> = {}): Half => {
  // "a Gi1/0/1 > b Gi0/2": a says that on its port stands b with its port.
  const [, assetId = "", port = "", remote = "", remotePortId = ""] = /^(\S+) (\S+) > (\S+) (\S+)$/.exec(text) ?? [];
  return {
    ...{ assetId, port, aliases: [port], protocol: "lldp", remoteChassisId: `chassis of ${remote}`, remotePortId },
    ...{ remoteAssetId: remote, remoteName: remote, fromMs: 1_000 },
    ...more,
  };
};

const told = (halves: readonly Half[]) =>
  matchLinks(halves).map(
    ({ ends, both, protocols, fromMs, untilMs }) =>
      `${ends.map((end) => `${end.assetId ?? `(${end.name})`} ${end.port}`).join(" - ")} ${both ? "both" : "one"} ${protocols} ${fromMs}..${untilMs ?? ""}`,
  );

describe("links", () => {
  it("are one for two devices that name each other, whoever comes first", () => {
    const halves = [half("b Gi0/2 > a Gi1/0/1", { fromMs: 500 }), half("a Gi1/0/1 > b Gi0/2")];
    expect(told(halves)).toEqual(["a Gi1/0/1 - b Gi0/2 both lldp 500.."]);
    expect(told(halves.toReversed())).toEqual(told(halves));
  });

  it("are one for each pair of ports, bundled or not", () => {
    const halves = [
      ...[half("a Gi1 > b Te1"), half("a Gi2 > b Te2"), half("b Te1 > a Gi1"), half("b Te2 > a Gi2")],
      ...[half("a Gi3 > c Gi1"), half("c Gi1 > a Gi3")],
    ];
    expect(told(halves)).toEqual([
      "a Gi1 - b Te1 both lldp 1000..",
      "a Gi2 - b Te2 both lldp 1000..",
      "a Gi3 - c Gi1 both lldp 1000..",
    ]);
  });

  it("are one where LLDP and CDP speak on the same cable", () => {
    const halves = [
      half("a Gi1 > b Gi2"),
      half("a Gi1 > b GigabitEthernet2", { protocol: "cdp" }),
      half("b Gi2 > a Gi1", { aliases: ["Gi2", "GigabitEthernet2"] }),
    ];
    expect(told(halves)).toEqual(["a Gi1 - b Gi2 both cdp,lldp 1000.."]);
  });

  it("know a port that is told by its MAC, its description or its number", () => {
    const aliases = ["eth0", "uplink to core", "02:00:00:00:00:0b", "7"];
    for (const [id, description] of [["02:00:00:00:00:0b"], ["7"], ["local-17", "Uplink to core"]])
      expect(
        told([
          half(`a Gi1 > b ${id}`, description === undefined ? {} : { remotePortDescription: description }),
          half("b eth0 > a Gi1", { aliases }),
        ]),
      ).toEqual(["a Gi1 - b eth0 both lldp 1000.."]);
  });

  it("take the only open words between two devices for one cable, but no two for it", () => {
    expect(told([half("a Gi1 > b 17"), half("b x9 > a 12")])).toEqual(["a Gi1 - b x9 both lldp 1000.."]);
    expect(told([half("a Gi1 > b 17"), half("a Gi2 > b 18"), half("b x9 > a 12")])).toHaveLength(3);
  });

  it("stand on one word where the other end is silent or is no asset of ours", () => {
    const { remoteAssetId: _, ...unknown } = half("a Gi1 > ap-7 eth0");
    expect(told([half("a Gi2 > b eth0"), unknown])).toEqual([
      "a Gi2 - b eth0 one lldp 1000..",
      "a Gi1 - (ap-7) eth0 one lldp 1000..",
    ]);
  });

  it("end when both ends stopped saying so, and a cable that was moved is two links", () => {
    const halves = [
      half("a Gi1 > b Gi2", { untilMs: 5_000 }),
      half("b Gi2 > a Gi1", { untilMs: 6_000 }),
      half("a Gi8 > b Gi2", { fromMs: 5_000 }),
      half("b Gi2 > a Gi8", { fromMs: 6_000 }),
    ];
    expect(told(halves)).toEqual(["a Gi1 - b Gi2 both lldp 1000..6000", "a Gi8 - b Gi2 both lldp 5000.."]);
    expect(told([half("a Gi1 > b Gi2", { untilMs: 5_000 }), half("b Gi2 > a Gi1")])).toEqual([
      "a Gi1 - b Gi2 both lldp 1000..",
    ]);
  });

  it("are none between a device and itself", () => {
    expect(told([half("a Gi1 > a Gi2"), half("a Gi2 > a Gi1")])).toEqual([]);
  });
});
