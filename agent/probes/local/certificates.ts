import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { toTimestamp } from "../../../shared/clock.ts";
import type { SectionItem } from "../../../shared/protocol/sections.ts";
import { defineProbe } from "../probe.ts";
import { clip, compact } from "./text.ts";
import { createTree, type Tree } from "./tree.ts";

type Certificate = SectionItem<"certificates">;

/** The bundle that each distribution makes of its store: the first that is there. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/ca-bundle.pem",
  "/var/lib/ca-certificates/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
/** Where hosts keep the certificates they show to others. Keys beside them are never opened. */
const OWN_FOLDERS = ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/letsencrypt/live"];
const MAX_BUNDLE_BYTES = 8_388_608;
const MAX_CERTIFICATES = 5_000;

const PEM = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----\s+[A-Za-z0-9+/=\s]+?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** Distinguished names come one part a line; RFC 4514 joins them by commas. */
const nameOf = (name: string | undefined): string | undefined =>
  name === undefined || name === "" ? undefined : clip(name.split("\n").join(", "), 4_096);

const decode = (pem: string, store: string): Certificate | undefined => {
  try {
    const certificate = new X509Certificate(pem);
    return compact({
      fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      serialNumber: clip(certificate.serialNumber.toLowerCase(), 256),
      notBefore: toTimestamp(certificate.validFromDate.getTime()),
      notAfter: toTimestamp(certificate.validToDate.getTime()),
      store,
    });
  } catch {
    // One certificate that OpenSSL refuses must not hide the others.
    return undefined;
  }
};

export const parseCertificates = (pem: string, store: string): readonly Certificate[] =>
  (pem.match(PEM) ?? []).slice(0, MAX_CERTIFICATES).flatMap((one) => decode(one, store) ?? []);

const readOwn = (tree: Tree, folder: string): readonly Certificate[] =>
  tree.list(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (folder.endsWith("/live")) return parseCertificates(tree.readText(`${path}/cert.pem`) ?? "", path);
    // Links and hashes in a store's folder lead back to the bundle.
    if (!/\.(pem|crt|cer)$/.test(name) || tree.link(path) !== undefined || BUNDLES.includes(path)) return [];
    return parseCertificates(tree.readText(path) ?? "", path);
  });

const TIMEOUT_MS = 15_000;

/** Certificates that the host trusts and those it has of its own, with their expiry. Private keys are never opened. */
export const certificates = defineProbe({
  name: "certificates",
  sections: ["certificates"],
  platforms: ["linux"],
  personal: false,
  timeoutMs: TIMEOUT_MS,
  configSchema: z.strictObject({}),
  run: async (_, deps) => {
    const tree = createTree({ ...deps, timeoutMs: TIMEOUT_MS });
    const bundle = BUNDLES.find((path) => tree.exists(path));
    const trusted =
      bundle === undefined
        ? []
        : parseCertificates(tree.readText(bundle, { maxBytes: MAX_BUNDLE_BYTES }) ?? "", bundle);
    const known = new Set(trusted.map(({ fingerprint }) => fingerprint));
    const own = OWN_FOLDERS.flatMap((folder) => readOwn(tree, folder)).filter(
      ({ fingerprint }) => !known.has(fingerprint),
    );
    const found = [...new Map([...trusted, ...own].map((item) => [item.fingerprint, item])).values()];
    return found.length === 0
      ? { status: "no-data" }
      : { status: "ok", sections: { certificates: found.slice(0, MAX_CERTIFICATES) } };
  },
});
