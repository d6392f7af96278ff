/** Cambium: Canopy/PMP (WHISP-BOX-MIB below 161.19), PTP, ePMP, cnPilot, cnMatrix, cnWave; CMM. */
import { defineProfile } from "./profile.ts";
import { column, compose, descr, scalar } from "./rules.ts";

export const cambiumCanopy = defineProfile({
  name: "cambium-canopy",
  sysObjectID: "E.161.19",
  vendor: "Cambium",
  type: "wireless",
  osName: "Canopy",
  model: [
    compose("PMP {} {}", scalar("E.161.19.3.3.1.266.0", /(\d{3}\w*)/), descr(/ (AP|SM|BHM|BHS)$/)),
    scalar("E.161.19.3.3.1.266.0"),
    descr(/^(CMM \S+)/),
  ],
  osVersion: [descr(/CANOPY (\d\S+)/), scalar("E.161.19.3.3.1.1.0", /CANOPY (\d\S+)/)],
  serialNumber: [scalar("E.161.19.3.3.1.207.0", /^([A-Z0-9]{8,})$/)],
  features: [scalar("E.161.19.3.3.1.6.0")],
});
export const cambiumPtp = defineProfile({
  name: "cambium-ptp",
  sysObjectID: ["E.17713.1", "E.17713.5", "E.17713.6", "E.17713.7", "E.17713.8", "E.17713.9", "E.17713.11"],
  vendor: "Cambium",
  type: "wireless",
  model: [descr(/Cambium (PTP ?\w+)/)],
  osVersion: [descr(/Version (\S+?)"?$/), descr(/Version (\S+)/)],
});
export const cambiumEpmp = defineProfile({
  name: "cambium-epmp",
  sysObjectID: "E.17713.21",
  vendor: "Cambium",
  type: "wireless",
  osName: "ePMP",
  model: [
    {
      get: [
        "1.3.6.1.4.1.17713.21.1.2.20.0",
        "1.3.6.1.4.1.17713.21.3.8.2.1.0",
        "1.3.6.1.4.1.17713.21.3.8.2.2.0",
        "1.3.6.1.4.1.17713.21.3.8.2.3.0",
      ],
      find: (facts) => {
        const [mode, ptp, role] = [
          facts.text("1.3.6.1.4.1.17713.21.1.2.20.0"),
          facts.text("1.3.6.1.4.1.17713.21.3.8.2.2.0"),
          facts.text("1.3.6.1.4.1.17713.21.3.8.2.1.0"),
        ];
        const side = role ?? mode;
        return side === undefined
          ? undefined
          : {
              value: `${ptp === "1" ? "ePTP" : "ePMP"} ${side === "1" ? "Master" : "Slave"}`
                .replace("ePMP Master", "ePMP AP")
                .replace("ePMP Slave", "ePMP SM"),
              source: "1.3.6.1.4.1.17713.21.1.2.20.0",
              confidence: "derived",
            };
      },
    },
    descr(/Cambium (ePMP.*)$/),
  ],
  osVersion: [scalar("E.17713.21.1.1.17.0"), scalar("E.17713.21.1.1.1.0")],
  serialNumber: [scalar("E.17713.21.1.1.31.0")],
});
export const cambiumCnpilot = defineProfile({
  name: "cambium-cnpilot",
  sysObjectID: "E.17713.22",
  vendor: "Cambium",
  type: "access-point",
  model: [scalar("E.17713.22.1.1.1.5.0"), column("E.17713.22.1.1.1.5"), descr(/cnPilot (\S+)/)],
  osVersion: [scalar("E.17713.22.1.1.1.8.0"), column("E.17713.22.1.1.1.8")],
  serialNumber: [scalar("E.17713.22.1.1.1.4.0"), column("E.17713.22.1.1.1.4")],
});
export const cambiumCnpilotR = defineProfile({
  name: "cambium-cnpilot-r",
  sysDescr: /^cnPilot R\d/,
  vendor: "Cambium",
  type: "router",
  model: [descr(/^(cnPilot \S+)/)],
  osVersion: [descr(/^cnPilot \S+ (\S+)/)],
});
export const cambiumCnmatrix = defineProfile({
  name: "cambium-cnmatrix",
  sysObjectID: "E.17713.24",
  vendor: "Cambium",
  type: "switch",
  osName: "cnMatrix",
  model: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.7.0"), descr(/cnMatrix (\S+)/)],
  osVersion: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.4.0"), descr(/SW: ?(\S+)/)],
  serialNumber: [scalar("1.0.8802.1.1.2.1.5.4795.1.2.5.0")],
});
export const cambiumCnwave = defineProfile({
  name: "cambium-cnwave",
  sysObjectID: "E.17713.60",
  vendor: "Cambium",
  type: "wireless",
  osName: "cnWave",
  model: [descr(/cnWave (\S+)/)],
  osVersion: [descr(/Version (\S+)/)],
});
export const cambiumCmm = defineProfile({
  name: "cambium-cmm",
  sysDescr: /^CMM \d/,
  vendor: "Cambium",
  type: "wireless",
  model: [descr(/^(CMM \S+)/)],
});
