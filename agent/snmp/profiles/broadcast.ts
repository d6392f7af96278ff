/** Broadcast, video, audio: Teleste, Rohde & Schwarz, TRedess, ProTelevision, Profline, Inovonics, Volius, Christie, Exterity, Harmonic, Evertz, Biamp, AMX, Crestron, Barix. */
import { defineProfile } from "./profile.ts";
import { column, compose, descr, entity, scalar, wholeDescr } from "./rules.ts";

export const teleste = defineProfile({
  name: "teleste",
  sysObjectID: "E.3715",
  vendor: "Teleste",
  type: "network",
  model: [compose("{} {}", entity("model"), entity("hardwareRev")), entity("model")],
  osVersion: [entity("softwareRev"), descr(/(\d+\.\d+\.\d+)/)],
  serialNumber: [entity("serial"), scalar("E.3715.17.1.10.0")],
});
export const rohdeSchwarz = defineProfile({
  name: "rohde-schwarz",
  sysObjectID: "E.2566",
  vendor: "Rohde & Schwarz",
  type: "network",
  model: [wholeDescr],
  osVersion: [scalar("E.2566.127.1.2.167.1.1.1.4.0")],
  serialNumber: [scalar("E.2566.127.1.2.167.1.1.1.2.0")],
});
export const tredess = defineProfile({
  name: "tredess",
  sysObjectID: "E.23180",
  vendor: "TRedess",
  type: "broadcast",
  model: [wholeDescr],
  osVersion: [scalar("E.23180.2.1.1.2.1.6.3.0")],
  serialNumber: [scalar("E.23180.2.1.1.2.1.6.2.0")],
});
export const protelevision = defineProfile({
  name: "protelevision",
  sysObjectID: "E.18086",
  vendor: "ProTelevision",
  type: "broadcast",
  model: [scalar("E.18086.3080.1.2.0")],
  osVersion: [scalar("E.18086.3080.1.3.0")],
  serialNumber: [scalar("E.18086.3080.1.1.0")],
});
export const profline = defineProfile({
  name: "profline",
  sysObjectID: "E.21222",
  vendor: "Profline",
  type: "appliance",
  model: [scalar("E.21222.1.4.1.1.1.0")],
  serialNumber: [scalar("E.21222.1.4.1.1.2.0"), descr(/^SFD (\d+)/)],
  osVersion: [],
});
export const inovonics = defineProfile({
  name: "inovonics",
  sysObjectID: "E.42111",
  vendor: "Inovonics",
  type: "broadcast",
  model: [],
  osVersion: [640, 720, 722, 730, 510, 514].map((product) => scalar(`E.42111.${product}.2.2.0`)),
  serialNumber: [640, 720, 722, 730, 510, 514].map((product) => scalar(`E.42111.${product}.2.1.0`)),
});
export const volius = defineProfile({
  name: "volius",
  sysObjectID: "E.34652",
  vendor: "Volius",
  type: "network",
  model: [scalar("E.34652.2.10.1.0"), descr(/^(VS\d+)/)],
  osVersion: [scalar("E.34652.2.10.3.0")],
  serialNumber: [scalar("E.34652.2.10.2.0")],
});
export const christie = defineProfile({
  name: "christie",
  sysObjectID: "E.25766",
  vendor: "Christie",
  type: "video",
  model: [wholeDescr],
  serialNumber: [scalar("E.25766.1.12.1.1.2.0")],
  osVersion: [scalar("E.25766.1.12.1.1.6.0")],
});
export const openAccess = defineProfile({
  name: "open-access",
  sysObjectID: "E.1732",
  vendor: "Open Access",
  type: "audio",
  model: [scalar("E.1732.2.1.41.0"), descr(/NetSpire (\S+)/)],
  serialNumber: [scalar("E.1732.2.1.11.0")],
  osVersion: [],
});
export const exterity = defineProfile({
  name: "exterity",
  sysObjectID: ["E.8072.3.2.10", "E.28194"],
  sysDescr: /Encoder|AvediaStream|Exterity/i,
  vendor: "Exterity",
  type: "encoder",
  osVersion: [descr(/_VX-\[([\d.]+)\]/)],
  model: [],
});
export const barix = defineProfile({
  name: "barix",
  sysObjectID: "E.17491",
  vendor: "Barix",
  type: "audio",
  model: [wholeDescr],
});
export const necDisplay = defineProfile({
  name: "nec-display",
  sysObjectID: "E.119.1.60",
  vendor: "NEC",
  type: "video",
});
export const tait = defineProfile({
  name: "tait",
  sysObjectID: "E.3570",
  vendor: "Tait",
  type: "network",
  model: [descr(/, (T[BN]\d\S*?),/)],
  osVersion: [column("E.3570.2.2.2.1.2.2.1.1.4"), descr(/Version: (\S+)/)],
  serialNumber: [column("E.3570.2.2.2.1.2.2.1.1.2")],
});
export const vigintos = defineProfile({
  name: "vigintos",
  sysObjectID: "E.27993",
  vendor: "Vigintos",
  type: "network",
  osVersion: [scalar("E.27993.5.2.0")],
  model: [],
});
export const teradici = defineProfile({
  name: "teradici",
  sysObjectID: "E.25071",
  vendor: "Teradici",
  type: "workstation",
  model: [scalar("E.25071.1.1.2.1.3.1")],
  osVersion: [scalar("E.25071.1.1.2.1.7.1")],
  serialNumber: [scalar("E.25071.1.1.2.1.5.1")],
});
