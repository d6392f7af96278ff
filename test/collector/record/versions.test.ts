import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { compareVersions } from "../../../collector/record/versions.ts";
import { createSeededRandom } from "../../../shared/random.ts";
import { describeWith } from "../../support/requires.ts";

const sign = (n: number) => (n < 0 ? "<" : n > 0 ? ">" : "=");

describeWith("versions of Debian packages", [{ program: "dpkg" }], () => {
  it("have the order that dpkg --compare-versions says", () => {
    const random = createSeededRandom(21);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
    const part = () =>
      Array.from({ length: Math.ceil(random.next() * 4) }, () =>
        pick(["0", "1", "10", "09", "2", "a", "rc", "Z", "~", "+", ".", "."]),
      ).join("");
    const any = () =>
      `${pick(["", "", "0:", "1:"])}${pick(["0", "1", "3.0", "12"])}${part()}${pick(["", "-0", "-1", `-1${part()}`, "-1+b1", "-1~deb12u1"])}`;
    const fixed = [
      "3.0.11-1~deb12u2 3.0.13-1",
      "1.0~rc1 1.0",
      "1.0 1.0-0",
      "1.0. 1.0.0",
      "1:0.9 2.0",
      "1.0-1+b1 1.0-1",
      "7 007",
    ];
    const pairs = [...fixed, ...Array.from({ length: 400 }, () => `${any()} ${any()}`)];
    const script =
      'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo "<"; elif dpkg --compare-versions "$a" eq "$b"; then echo =; else echo ">"; fi; done 2>/dev/null';
    const said = execFileSync("sh", ["-c", script], { input: `${pairs.join("\n")}\n`, encoding: "utf8" })
      .trim()
      .split("\n");
    const ours = pairs.map((pair) => {
      const [a = "", b = ""] = pair.split(" ");
      return sign(compareVersions("dpkg", a, b));
    });
    expect(pairs.map((pair, i) => `${pair} ${ours[i]}`)).toEqual(pairs.map((pair, i) => `${pair} ${said[i]}`));
  });
});

/** Ascending, as the managers' own documents have them. */
const ascending: Readonly<Record<string, readonly string[]>> = {
  // rpm's tests/rpmvercmp.at
  rpm: [
    "1.0~rc1",
    "1.0~rc2",
    "1.0",
    "1.0^git1",
    "1.0^git2",
    "1.0.1",
    "1.0.1-1.el9",
    "1.0.1-2.el9",
    "1.1",
    "1.10",
    "10.1",
    "1:0.1",
  ],
  // semver.org, clause 11
  npm: [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2.0",
    "1.10.0",
    "2.0.0",
  ],
  // PEP 440, summary of permitted suffixes and relative ordering
  pip: [
    "1.0.dev456",
    "1.0a1",
    "1.0a2.dev456",
    "1.0a12.dev456",
    "1.0a12",
    "1.0b1.dev456",
    "1.0b2",
    "1.0b2.post345.dev456",
    "1.0b2.post345",
    "1.0rc1.dev456",
    "1.0rc1",
    "1.0",
    "1.0+abc.5",
    "1.0+abc.7",
    "1.0+5",
    "1.0.post456.dev34",
    "1.0.post456",
    "1.0.15",
    "1.1.dev1",
    "1!0.1",
  ],
  snap: ["1.9", "1.10~rc1", "1.10", "1.10.1", "2024-01-05", "2024-02-01"],
};

describe.each(Object.entries(ascending))("versions of %s", (manager, versions) => {
  it("have their manager's order", () => {
    for (const [i, a] of versions.entries())
      for (const [j, b] of versions.entries())
        expect(`${a} ${sign(compareVersions(manager, a, b))} ${b}`).toBe(`${a} ${sign(i - j)} ${b}`);
  });
});

it.each([
  ["rpm", "1.0010", "1.10"],
  ["rpm", "1.0.", "1_0"],
  ["npm", "1.0.0+build.1", "1.0.0+build.2"],
  ["pip", "1.0", "1.0.0"],
  ["pip", "1.0-1", "1.0.post1"],
])("%s: %s equals %s", (manager, a, b) => {
  expect(compareVersions(manager, a, b)).toBe(0);
});
