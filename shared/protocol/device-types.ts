import { z } from "zod";

export const deviceTypes = [
  "server",
  "desktop",
  "laptop",
  "virtual-machine",
  "container",
  "hypervisor",
  "switch",
  "router",
  "firewall",
  "access-point",
  "wireless-controller",
  "printer",
  "ups",
  "pdu",
  "storage",
  "camera",
  "phone",
  "mobile",
  "sensor",
  "modem",
  "olt",
  "radio",
  "load-balancer",
  "management-controller",
  "media",
  "appliance",
  "iot",
  "unknown",
] as const; // biome format: keep as a table
export const deviceTypeSchema = z.enum(deviceTypes);
export type DeviceType = z.infer<typeof deviceTypeSchema>;
