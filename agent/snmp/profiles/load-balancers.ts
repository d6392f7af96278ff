/** Load balancers: A10 (A10-AX-MIB), Radware/Alteon, Kemp, HAProxy ALOHA, Array, jetNEXUS, Loadbalancer.org, Coyote Point. */
import { defineProfile } from "./profile.ts";
import { column, descr, scalar, wholeDescr } from "./rules.ts";

export const a10 = defineProfile({
  name: "a10",
  sysObjectID: "E.22610",
  vendor: "A10",
  type: "load-balancer",
  osName: "ACOS",
  model: [
    descr(/^(?:Thunder Series Unified Application Service Gateway |AX Series Advanced Traffic Manager )(\S+?),/),
    descr(/\b((?:TH|AX)\d+\S*?),/),
  ],
  osVersion: [scalar("E.22610.2.4.1.1.1.0"), scalar("E.22610.2.4.1.1.2.0"), descr(/ACOS (\S+?),/)],
  serialNumber: [scalar("E.22610.2.4.1.6.2.0")],
});
export const radwareAlteon = defineProfile({
  name: "radware-alteon",
  sysObjectID: "E.1872",
  sysDescr: /Alteon|Application Switch|Radware/,
  vendor: "Radware",
  type: "load-balancer",
  model: [wholeDescr],
  osVersion: [scalar("E.1872.2.5.1.1.1.10.0")],
  serialNumber: [scalar("E.1872.2.5.1.3.1.18.0")],
});
export const kempLoadmaster = defineProfile({
  name: "kemp-loadmaster",
  sysObjectID: "E.12196",
  vendor: "Kemp",
  type: "load-balancer",
  osName: "LoadMaster",
  osVersion: [scalar("E.12196.13.0.10.0"), descr(/(\d+\.\d+\.\d+\S*)/)],
  model: [descr(/(LM-?\S+|VLM-?\S+)/)],
});
export const haproxyAloha = defineProfile({
  name: "haproxy-aloha",
  sysObjectID: "E.8072.3.2.10",
  present: ["E.23263.4.2.1"],
  vendor: "HAProxy",
  type: "load-balancer",
  osName: "ALOHA",
  model: [column("E.23263.4.2.1.5.1"), scalar("E.23263.4.2.1.5.1")],
  osVersion: [scalar("E.23263.4.2.1.1.4"), column("E.23263.4.2.1.1.4")],
  serialNumber: [scalar("E.23263.4.2.1.5.3"), column("E.23263.4.2.1.5.3")],
});
export const arrayNetworks = defineProfile({
  name: "array-networks",
  sysObjectID: "E.7564",
  vendor: "Array Networks",
  type: "load-balancer",
  model: [descr(/(?:Array|AG|APV)\D*([A-Z]*\d+)/)],
  osVersion: [descr(/Rel\.?\S*? ?(\d[\d.]+)/)],
});
