/** Ubiquiti: airOS (IEEE802dot11-MIB, UBNT-AirMAX-MIB), airFiber, AF60/Wave, EdgeOS, EdgeSwitch, UniFi. */
import { defineProfile, fixed } from "./profile.ts";
import { column, descr, entity, longColumn, scalar, when } from "./rules.ts";

const air = {
  vendor: "Ubiquiti",
  osName: "airOS",
  model: [column("1.2.840.10036.3.1.2.1.3"), column("E.41112.1.11.1.2.2"), column("E.41112.1.3.2.1.1")],
  osVersion: [
    column("E.41112.1.11.1.2.4", /(v\d+\.\d+\.\d+\S*)/),
    column("1.2.840.10036.3.1.2.1.4", /\.v(\d.*)$/),
    column("1.2.840.10036.3.1.2.1.4", /v?(\d+\.\d.*)$/),
    column("E.41112.1.3.2.1.40"),
    column("E.41112.1.10.1.3.4"),
  ],
} as const;
export const ubiquitiAiros = defineProfile({
  name: "ubiquiti-airos",
  sysObjectID: ["E.10002.1", "E.41112.1.4"],
  type: "wireless",
  ...air,
});
export const ubiquitiAirosLinux = defineProfile({
  name: "ubiquiti-airos-linux",
  sysObjectID: ["E.41112", "E.10002"],
  sysDescr: /^Linux /,
  type: "wireless",
  ...air,
});
export const ubiquitiUnifi = defineProfile({
  name: "ubiquiti-unifi",
  sysObjectID: "E.41112",
  vendor: "Ubiquiti",
  type: [
    when(/^(UAP|U6|U7|UK-)/, "access-point"),
    when(/^(US|USW|USP|UBNT US|EdgeSwitch|EdgePoint|ES)/, "switch"),
    when(/^(UDM|USG|UXG|UCG|EdgeOS|EdgeRouter)/, "router"),
    when(/^(UFiber|UF-OLT)/, "olt"),
    fixed("network"),
  ],
  osName: [when(/^U(AP|6|7)/, "UniFi"), fixed("UniFi")],
  model: [scalar("E.41112.1.6.3.3.0"), entity("model"), descr(/^(?:UBNT )?([^,]+?)(?: \d+\.\d+\.\S+|,|$)/)],
  osVersion: [scalar("E.41112.1.6.3.6.0"), descr(/[ ,]v?(\d+\.\d+\.\d+[\w.]*)/)],
});
export const ubiquitiEdgeos = defineProfile({
  name: "ubiquiti-edgeos",
  sysObjectID: "E.41112.1.5",
  vendor: "Ubiquiti",
  type: "router",
  osName: "EdgeOS",
  model: [
    longColumn("1.3.6.1.2.1.25.4.2.1.5", 400, /(EdgeRouter[\w .-]*?|UniFi Security Gateway[\w .-]*?)\s*['"]/),
    longColumn("1.3.6.1.2.1.25.4.2.1.5", 400, /(EdgeRouter[\w -]*\w)/),
  ],
  osVersion: [descr(/^EdgeOS v?(\d+\.\d+\.\d+)/)],
});
const edgeSwitch = {
  vendor: "Ubiquiti",
  type: "switch",
  osName: "EdgeSwitch",
  model: [descr(/^(?:UBNT )?([^,]+),/), entity("model"), descr(/^(\S+)$/)],
  osVersion: [descr(/, (\d+\.\d+\.\d+[\w.]*)/), entity("softwareRev")],
  serialNumber: [entity("serial", /^([0-9a-f]{12}|[A-Z0-9]{6,})$/i), scalar("E.4413.1.1.1.1.1.4.0")],
} as const;
export const ubiquitiEdgeswitch = defineProfile({
  name: "ubiquiti-edgeswitch",
  sysDescr: /^(UBNT |Edge(Switch|Point) |US-?\d+|US[WXLM]-?\d?|ES-\d|EP-\w|USP-)|^Linux UBNT /,
  ...edgeSwitch,
});
export const ubiquitiUfiberOlt = defineProfile({
  name: "ubiquiti-ufiber-olt",
  sysObjectID: "E.41112.1.8",
  vendor: "Ubiquiti",
  type: "olt",
});
