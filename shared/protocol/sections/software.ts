import { z } from "zod";
import { count, longText, optional, shortText, sizeBytes, text } from "../text.ts";

/** What is installed and set up on a device, who may use it, and how it is kept safe. */

/** `instance` tells install-only packages of one name apart (several kernels under rpm); else absent. */
export const software = z.object({
  manager: shortText,
  name: shortText,
  architecture: shortText,
  instance: optional(shortText),
  version: optional(shortText),
  publisher: optional(shortText),
  description: optional(shortText),
  installedAt: optional(shortText),
  source: optional(shortText),
  location: optional(text),
  purl: optional(text),
});

export const services = z.object({
  manager: shortText,
  name: shortText,
  description: optional(shortText),
  enabled: optional(shortText),
  state: optional(shortText),
  user: optional(shortText),
  command: optional(text),
});

export const scheduledTasks = z.object({
  source: shortText,
  name: shortText,
  schedule: optional(shortText),
  command: optional(text),
  enabled: optional(z.boolean()),
});

export const users = z.object({
  name: shortText,
  uid: optional(shortText),
  fullName: optional(shortText),
  home: optional(text),
  shell: optional(shortText),
  lastLoginAt: optional(shortText),
});

export const groups = z.object({
  name: shortText,
  gid: optional(shortText),
  members: optional(z.array(shortText).max(4_096)),
});

export const containers = z.object({
  engine: shortText,
  id: shortText,
  name: optional(shortText),
  image: optional(text),
  state: optional(shortText),
  createdAt: optional(shortText),
});

export const virtualMachines = z.object({
  hypervisor: shortText,
  id: shortText,
  name: optional(shortText),
  uuid: optional(shortText),
  state: optional(shortText),
  vcpus: optional(count),
  memoryBytes: optional(sizeBytes),
});

/** One row per question: firewall, disk-encryption, secure-boot, tpm, selinux, apparmor, antivirus, pending-updates ... */
export const security = z.object({
  check: shortText,
  state: z.enum(["on", "off", "partial", "unknown"]),
  product: optional(shortText),
  detail: optional(text),
});

export const certificates = z.object({
  /** SHA-256 of the DER, hex. */
  fingerprint: shortText,
  subject: optional(text),
  issuer: optional(text),
  serialNumber: optional(shortText),
  notBefore: optional(shortText),
  notAfter: optional(shortText),
  store: optional(text),
});

export const notes = z.object({ name: shortText, value: longText });
