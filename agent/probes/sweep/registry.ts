/** Every sweep method, one line each; consumers do `import * as registry`. The export's name is the method's. */
export { arp } from "./arp.ts";
export { icmp } from "./icmp.ts";
export { mdns } from "./mdns.ts";
export { ndp } from "./ndp.ts";
export { neighbours } from "./neighbours.ts";
export { netbios } from "./netbios.ts";
export { rdns } from "./rdns.ts";
export { snmp } from "./snmp.ts";
export { ssdp } from "./ssdp.ts";
export { tcp } from "./tcp.ts";
export { udp } from "./udp.ts";
