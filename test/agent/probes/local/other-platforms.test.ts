import { describe, expect, it } from "vitest";
import * as map from "../../../../agent/probes/local/from-systeminformation.ts";
import {
  parseAppx,
  parseSystemProfiler,
  parseWindowsUninstall,
} from "../../../../agent/probes/local/software-lists.ts";

/**
 * macOS and Windows: the forms of the programs' output below were written by hand after their documentation and after
 * what these systems print; no part of it was recorded on such a machine.
 */

const si = <T>(value: object): T => value as T;

describe("systeminformation's answers", () => {
  it("describe a MacBook", () => {
    const system = map.toSystem(
      si({
        manufacturer: "Apple Inc.",
        model: "MacBookPro18,3",
        version: "-",
        serial: "C02XY1234567",
        uuid: "A1B2C3D4-0000-1111-2222-333344445555",
        sku: "-",
        virtual: false,
      }),
      si({
        type: "Notebook",
        assetTag: "-",
        manufacturer: "Apple Inc.",
        model: "MacBookPro18,3",
        version: "",
        serial: "",
        sku: "",
      }),
    );
    expect(system).toEqual({
      manufacturer: "Apple Inc.",
      model: "MacBookPro18,3",
      serialNumber: "C02XY1234567",
      uuid: "a1b2c3d4-0000-1111-2222-333344445555",
      chassisType: "notebook",
      type: "laptop",
      virtualization: "none",
    }); // biome format: keep as a table
    const os = map.toOs(
      si({
        platform: "darwin",
        distro: "macOS",
        release: "14.5",
        codename: "macOS Sonoma",
        kernel: "23.5.0",
        arch: "arm64",
        hostname: "ada-mbp.local",
        fqdn: "ada-mbp.local",
        build: "23F79",
      }),
      si({ os: "A1B2C3D4-0000-1111-2222-333344445555", hardware: "", macs: [] }),
      "Europe/Vienna",
    );
    expect(os).toMatchObject({
      name: "macOS",
      id: "macos",
      version: "14.5",
      build: "23F79",
      architecture: "arm64",
      timeZone: "Europe/Vienna",
    });
  });

  it("describe a Windows machine's parts", () => {
    expect(
      map.toCpu(
        si({
          manufacturer: "Intel",
          brand: "Xeon® Gold 6130",
          processors: 2,
          physicalCores: 32,
          cores: 64,
          speed: 2.1,
          speedMax: 3.7,
          stepping: "4",
        }),
        "x64",
      ),
    ).toEqual([
      {
        socket: "0",
        manufacturer: "Intel",
        model: "Xeon® Gold 6130",
        architecture: "x64",
        cores: 16,
        threads: 32,
        maxSpeedMhz: 3_700,
        stepping: "4",
      },
      {
        socket: "1",
        manufacturer: "Intel",
        model: "Xeon® Gold 6130",
        architecture: "x64",
        cores: 16,
        threads: 32,
        maxSpeedMhz: 3_700,
        stepping: "4",
      },
    ]);
    expect(
      map.toMemoryModules([
        si({
          size: 8 * 2 ** 30,
          bank: "BANK 0",
          type: "DDR4",
          clockSpeed: 3_200,
          formFactor: "DIMM",
          manufacturer: "Samsung",
          partNum: "M378",
          serialNum: "01AB",
        }),
        si({ size: 0 }),
      ]),
    ).toEqual([
      {
        slot: "BANK 0 #0",
        sizeBytes: 8 * 2 ** 30,
        type: "DDR4",
        formFactor: "DIMM",
        speedMtps: 3_200,
        manufacturer: "Samsung",
        partNumber: "M378",
        serialNumber: "01AB",
      },
    ]);
    expect(
      map.toDisks([
        si({
          device: "\\\\.\\PHYSICALDRIVE0",
          type: "NVMe",
          name: "Samsung SSD 980",
          vendor: "Samsung",
          size: 1e12,
          firmwareRevision: "1B4Q",
          serialNum: "S64A",
          interfaceType: "PCIe",
          smartStatus: "Ok",
        }),
      ]),
    ).toMatchObject([{ id: "serial:S64A", kind: "nvme", smartStatus: "passed", transport: "pcie" }]);
    expect(map.toBattery(si({ hasBattery: false }))).toEqual([]);
    expect(
      map.toBattery(
        si({
          hasBattery: true,
          designedCapacity: 50_000,
          maxCapacity: 41_000,
          capacityUnit: "mWh",
          manufacturer: "LGC",
          model: "",
          serial: "",
          type: "Li-ion",
        }),
      ),
    ).toMatchObject([{ healthPercent: 80, designCapacityMwh: 50_000 }]);
  });

  it("give interfaces and addresses with prefixes from masks", () => {
    const network = map.toNetwork([
      si({
        iface: "en0",
        ifaceName: "en0",
        ip4: "192.0.2.20",
        ip4subnet: "255.255.255.0",
        ip6: "fe80::1",
        ip6subnet: "ffff:ffff:ffff:ffff::",
        mac: "A4:83:E7:00:00:01",
        internal: false,
        virtual: false,
        operstate: "up",
        type: "wireless",
        mtu: 1_500,
        speed: 866,
        dhcp: true,
      }),
    ]);
    expect(network.interfaces).toEqual([
      { id: "en0", name: "en0", mac: "a4:83:e7:00:00:01", mtu: 1_500, operStatus: "up", kind: "wireless" },
    ]);
    expect(network.addresses).toEqual([
      { interface: "en0", address: "192.0.2.20", prefixLength: 24, scope: "global", origin: "dhcp" },
      { interface: "en0", address: "fe80::1", prefixLength: 64, scope: "link" },
    ]);
  });
});

describe("lists of installed software", () => {
  it("reads system_profiler, leaves people's own folders out and tells two copies apart", () => {
    const report = JSON.stringify({
      SPApplicationsDataType: [
        {
          _name: "Firefox",
          version: "126.0",
          arch_kind: "arch_arm_i64",
          obtained_from: "identified_developer",
          path: "/Applications/Firefox.app",
          signed_by: [
            "Developer ID Application: Mozilla Corporation (43AQ936H96)",
            "Developer ID Certification Authority",
            "Apple Root CA",
          ],
        },
        { _name: "Firefox", version: "115.0", arch_kind: "arch_arm_i64", path: "/opt/Firefox.app" },
        { _name: "Private", path: "/Users/ada/Applications/Private.app" },
      ],
    });
    expect(parseSystemProfiler(report)).toEqual([
      {
        manager: "macos",
        name: "Firefox",
        architecture: "universal",
        version: "126.0",
        publisher: "Mozilla Corporation",
        source: "identified_developer",
        location: "/Applications/Firefox.app",
        instance: "/Applications/Firefox.app",
      },
      {
        manager: "macos",
        name: "Firefox",
        architecture: "universal",
        version: "115.0",
        location: "/opt/Firefox.app",
        instance: "/opt/Firefox.app",
      },
    ]);
  });

  it("reads the uninstall keys: one or many, updates and hidden parts left out", () => {
    const one = {
      DisplayName: "7-Zip 23.01 (x64)",
      DisplayVersion: "23.01",
      Publisher: "Igor Pavlov",
      InstallDate: "20240131",
      PSChildName: "7-Zip",
      PSPath:
        "Microsoft.PowerShell.Core\\Registry::HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\7-Zip",
    };
    const expected = {
      manager: "windows",
      name: "7-Zip 23.01 (x64)",
      architecture: "x86_64",
      version: "23.01",
      publisher: "Igor Pavlov",
      installedAt: "2024-01-31",
      source: "7-Zip",
    };
    expect(parseWindowsUninstall(JSON.stringify(one))).toEqual([expected]);
    const many = [
      one,
      { ...one, DisplayName: "Update", ParentKeyName: "Office" },
      { ...one, DisplayName: "Part", SystemComponent: 1 },
      { DisplayVersion: "1" },
      { ...one, DisplayName: "Old", PSPath: "HKLM\\Software\\Wow6432Node\\x" },
    ];
    expect(
      parseWindowsUninstall(`\ufeff${JSON.stringify(many)}`).map(({ name, architecture }) => [name, architecture]),
    ).toEqual([
      ["7-Zip 23.01 (x64)", "x86_64"],
      ["Old", "x86"],
    ]);
  });

  it("reads store applications without their frameworks", () => {
    const list = [
      {
        Name: "Microsoft.WindowsTerminal",
        Version: "1.19.0.0",
        Architecture: 9,
        Publisher: "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond",
        IsFramework: false,
      },
      { Name: "Microsoft.VCLibs", Version: "14.0", Architecture: 9, IsFramework: true },
    ];
    expect(parseAppx(JSON.stringify(list))).toEqual([
      {
        manager: "appx",
        name: "Microsoft.WindowsTerminal",
        architecture: "x86_64",
        version: "1.19.0.0",
        publisher: "Microsoft Corporation",
      },
    ]);
  });

  it("gives nothing for what is no list", () => {
    for (const text of ["", "null", "1", "[]", "{}", '{"SPApplicationsDataType":1}', "[null,1]"]) {
      expect(parseSystemProfiler(text)).toEqual([]);
      expect(parseWindowsUninstall(text)).toEqual([]);
      expect(parseAppx(text)).toEqual([]);
    }
  });
});
