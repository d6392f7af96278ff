import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseApkInstalled } from "../../../../../agent/probes/local/software/apk.ts";
import { parseAppImageName } from "../../../../../agent/probes/local/software/appimage.ts";
import { parseDpkgStatus } from "../../../../../agent/probes/local/software/dpkg.ts";
import { releaseOfMetainfo } from "../../../../../agent/probes/local/software/flatpak.ts";
import { parseReceipt } from "../../../../../agent/probes/local/software/homebrew.ts";
import { parseManifest } from "../../../../../agent/probes/local/software/npm.ts";
import { parsePacmanDesc } from "../../../../../agent/probes/local/software/pacman.ts";
import { normalizeName, parseMetadata } from "../../../../../agent/probes/local/software/pip.ts";
import { formatPurl } from "../../../../../agent/probes/local/software/purl.ts";
import * as registry from "../../../../../agent/probes/local/software/registry.ts";
import { parseRpmQuery } from "../../../../../agent/probes/local/software/rpm.ts";
import { decodeRpmHeader } from "../../../../../agent/probes/local/software/rpm-header.ts";
import { parseSnapYaml } from "../../../../../agent/probes/local/software/snap.ts";

describe("dpkg's status file", () => {
  const status = `Package: bash
Essential: yes
Status: install ok installed
Maintainer: Matthias Klose <doko@debian.org>
Architecture: amd64
Multi-Arch: foreign
Version: 5.2.15-2+b7
Source: bash (5.2.15-2)
Description: GNU Bourne Again SHell
 Bash is an sh-compatible command language interpreter.
 Version: this line is a continuation

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: half
Status: install reinstreq half-installed
Architecture: amd64
Version: 1.0

Package: held
Status: hold ok installed
Architecture: all
Version: 2:1.0~rc1
`;

  it("lists what is installed, held packages too, and nothing that was removed or stuck half-way", () => {
    expect(parseDpkgStatus(status).map(({ name, version, architecture }) => [name, version, architecture])).toEqual([
      ["bash", "5.2.15-2+b7", "amd64"],
      ["held", "2:1.0~rc1", "all"],
    ]);
  });

  it("takes the first line of a description and the bare source name", () => {
    expect(parseDpkgStatus(status)[0]).toMatchObject({
      description: "GNU Bourne Again SHell",
      source: "bash",
      multiArch: "foreign",
    });
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (text) => void parseDpkgStatus(`Package: a\n${text}\n\n${text}`)),
    );
  });
});

/** An rpm header with string and number tags, to the layout of rpm's format documentation. */
const rpmHeader = (tags: Readonly<Record<number, string | number>>) => {
  const entries: Buffer[] = [];
  const store: Buffer[] = [];
  let offset = 0;
  for (const [tag, value] of Object.entries(tags)) {
    const entry = Buffer.alloc(16);
    const data = typeof value === "number" ? Buffer.alloc(4) : Buffer.from(`${value}\0`);
    if (typeof value === "number") data.writeUInt32BE(value);
    [Number(tag), typeof value === "number" ? 4 : 6, offset, 1].forEach((n, i) => void entry.writeUInt32BE(n, i * 4));
    entries.push(entry);
    store.push(data);
    offset += data.length;
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(entries.length, 0);
  head.writeUInt32BE(offset, 4);
  return Buffer.concat([head, ...entries, ...store]);
};

describe("rpm", () => {
  const header = rpmHeader({
    1000: "bash",
    1001: "5.1.8",
    1002: "9.el9",
    1003: 1,
    1008: 1_700_000_000,
    1011: "Rocky",
    1022: "x86_64",
    1004: "GNU shell",
  });

  it("reads a header", () => {
    expect(decodeRpmHeader(header)).toEqual({
      name: "bash",
      version: "5.1.8",
      release: "9.el9",
      epoch: 1,
      architecture: "x86_64",
      vendor: "Rocky",
      summary: "GNU shell",
      source: undefined,
      installTime: 1_700_000_000,
    }); // biome format: keep as a table
  });

  it("survives any header", () => {
    fc.assert(
      fc.property(fc.nat(header.length - 1), fc.nat(255), fc.nat(header.length), (at, octet, length) => {
        const bytes = Uint8Array.from(header.subarray(0, length));
        if (at < length) bytes[at] = octet;
        decodeRpmHeader(bytes);
      }),
    );
  });

  it("reads what `rpm -qa` prints", () => {
    const line =
      "openssl-libs\t1\t3.0.7\t27.el9\tx86_64\t(none)\t1700000000\topenssl-3.0.7-27.el9.src.rpm\tA library\n";
    expect(parseRpmQuery(`${line}broken\n`)).toEqual([
      {
        name: "openssl-libs",
        epoch: 1,
        version: "3.0.7",
        release: "27.el9",
        architecture: "x86_64",
        vendor: undefined,
        installTime: 1_700_000_000,
        source: "openssl-3.0.7-27.el9.src.rpm",
        summary: "A library",
      }, // biome format: keep as a table
    ]);
  });
});

describe("other managers", () => {
  it("reads apk's and pacman's databases", () => {
    const [musl] = parseApkInstalled("C:Q1\nP:musl\nV:1.2.4-r2\nA:x86_64\nT:the musl c library\n\nP:broken\n");
    expect(Object.fromEntries(musl ?? [])).toMatchObject({ P: "musl", V: "1.2.4-r2", A: "x86_64" });
    const desc = parsePacmanDesc(
      "%NAME%\nzlib\n\n%VERSION%\n1:1.3.1-1\n\n%DEPENDS%\nglibc\nsh\n\n%INSTALLDATE%\n1700000000\n",
    );
    expect(Object.fromEntries(desc)).toEqual({
      NAME: "zlib",
      VERSION: "1:1.3.1-1",
      DEPENDS: "glibc",
      INSTALLDATE: "1700000000",
    });
  });

  it("reads snap.yaml and refuses what unfolds", () => {
    expect(parseSnapYaml("name: core22\nversion: 20240111\nsummary: Runtime\narchitectures: [amd64]\n", parse)).toEqual(
      {
        version: "20240111",
        summary: "Runtime",
        architecture: "amd64",
      },
    ); // biome format: keep as a table
    expect(parseSnapYaml("a: &a [x]\nversion: *a\n", parse)).toEqual({
      version: undefined,
      summary: undefined,
      architecture: undefined,
    });
    expect(parseSnapYaml(":\n\t:", parse)).toEqual({ version: undefined, summary: undefined, architecture: undefined });
  });

  it.each([
    ["Inkscape-1.3.2-x86_64.AppImage", { name: "Inkscape", version: "1.3.2", architecture: "x86_64" }],
    ["nvim-linux-x86_64.appimage", { name: "nvim-linux", version: undefined, architecture: "x86_64" }],
    ["Joplin.AppImage", { name: "Joplin", version: undefined, architecture: "any" }],
    ["notes.txt", undefined],
  ])("tells an AppImage by its name: %s", (file, expected) => {
    expect(parseAppImageName(file)).toEqual(expected);
  });

  it("reads receipts, manifests, metadata and releases, and gives nothing for broken ones", () => {
    expect(parseReceipt('{"arch":"arm64","time":1700000000,"source":{"tap":"homebrew/core"}}')).toEqual({
      architecture: "arm64",
      installTime: 1_700_000_000,
      tap: "homebrew/core",
    });
    expect(parseReceipt("{")).toEqual({ architecture: undefined, installTime: undefined, tap: undefined });
    expect(parseManifest('{"name":"@a/b","version":"1.0.0","author":{"name":"C"}}')).toEqual({
      name: "@a/b",
      version: "1.0.0",
      description: undefined,
      publisher: "C",
    });
    for (const json of ["", "null", "[]", "1", '{"version":"1"}']) expect(parseManifest(json)).toBeUndefined();
    const metadata = parseMetadata(
      "Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 5.5\nAuthor: UNKNOWN\n\nName: no\n",
    );
    expect(Object.fromEntries(metadata)).toEqual({ "Metadata-Version": "2.1", Name: "Zope.Interface", Version: "5.5" });
    expect(normalizeName("Zope.Interface__x")).toBe("zope-interface-x");
    expect(
      releaseOfMetainfo('<releases><release date="2024-01-01" version="45.2"/><release version="45.1"/></releases>'),
    ).toBe("45.2");
  });

  it("registers each manager under its own name", () => {
    for (const [name, source] of Object.entries(registry)) expect(source.name).toBe(name);
  });
});

describe("package URLs", () => {
  it("write scopes, epochs and plus signs as the specification says", () => {
    expect(formatPurl({ type: "npm", namespace: "@angular", name: "cli", version: "17.0.0" })).toBe(
      "pkg:npm/%40angular/cli@17.0.0",
    );
    expect(
      formatPurl({
        type: "deb",
        namespace: "debian",
        name: "libstdc++6",
        version: "12.2.0-14",
        qualifiers: { arch: "amd64", distro: undefined },
      }),
    ).toBe("pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64");
  });

  it("are left out where a name makes none", () => {
    expect(formatPurl({ type: "deb", name: "" })).toBeUndefined();
  });
});
