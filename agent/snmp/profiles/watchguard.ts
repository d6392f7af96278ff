/** WatchGuard Fireware: WATCHGUARD-INFO-SYSTEM-MIB, sysDescr (the model). */
import { defineProfile } from "./profile.ts";
import { descr, scalar, wholeDescr } from "./rules.ts";

export const watchguard = defineProfile({
  name: "watchguard",
  sysObjectID: "E.3097",
  vendor: "WatchGuard",
  type: "firewall",
  osName: "Fireware",
  model: [descr(/^(?:WatchGuard )?((?:Firebox |XTM ?|M|T)\S.*?)$/), wholeDescr],
  osVersion: [scalar("E.3097.6.3.1.0", /(\d+\.[\d.]*\d)/), scalar("E.3097.3.1.1.3.0")],
  serialNumber: [scalar("E.3097.3.1.1.6.0"), scalar("E.3097.6.3.2.0", /^([A-Z0-9]{8,})$/)],
});
