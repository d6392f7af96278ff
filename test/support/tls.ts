import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Certificates = {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
};

/** An authority and a certificate for 127.0.0.1 and localhost, made by the openssl program into `folder`. */
export const createCertificates = (folder: string): Certificates => {
  const run = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
  run("req", "-x509", ...curve, "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem");
  const names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  run(
    "req",
    "-x509",
    ...curve,
    "-subj",
    "/CN=localhost",
    ...names,
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-keyout",
    "tls.key",
    "-out",
    "tls.pem",
  );
  const at = (name: string) => join(folder, name);
  const text = (name: string) => readFileSync(at(name), "utf8");
  return {
    ...{ caFile: at("ca.pem"), certFile: at("tls.pem"), keyFile: at("tls.key") },
    ...{ ca: text("ca.pem"), cert: text("tls.pem"), key: text("tls.key") },
  };
};
