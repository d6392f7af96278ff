import { readFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { minutes } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import type { CollectorConfig } from "../config.ts";
import type { CliIo } from "./io.ts";
import { withEngine } from "./offline.ts";
import { expectOk } from "./outcome.ts";

/** What the running collector says to a write: its status, and the problem's words where it refused. */
export type Said = { readonly status: number; readonly detail: string };
export type Write = (method: "PATCH" | "POST", path: string, body: unknown, version: number) => Promise<Said>;

const requester = { name: "command line", role: "system" } as const;
const MAX_ANSWER_CHARS = 1_048_576;

/**
 * Writes through the collector that runs over this data folder, since it holds in memory what it has read: with a token that
 * is made for this and taken back after. Its certificate is known from its own file, whatever name it is for.
 */
export const withRunning = async <T>(
  config: CollectorConfig & { readonly dataDirectory: string },
  name: string,
  io: CliIo,
  work: (write: Write) => Promise<T>,
): Promise<T> => {
  const { dataDirectory } = config;
  const token = { kind: "api", name, role: "asset-manager" } as const;
  const { result } = await withEngine(dataDirectory, io, async (engine) =>
    expectOk(await engine.apply({ kind: "token.create", token, expiresInMs: minutes(30) }, requester)),
  );
  try {
    return await work(createWrite(config.listen, result.secret));
  } finally {
    await withEngine(dataDirectory, io, (engine) =>
      engine.apply({ kind: "token.revoke", tokenId: result.tokenId }, requester),
    );
  }
};

const hostOf = (host: string): string => (host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host);

const createWrite = ({ host, port, certFile }: CollectorConfig["listen"], secret: string): Write => {
  const tls = certFile !== undefined && {
    ca: readFileSync(certFile),
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  };
  const request = tls ? requestTls : requestPlain;
  return (method, path, body, version) =>
    new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(
          new RollcallError("unreachable.collector", `asking the collector at ${host}:${port}`, {
            remedy: "retry",
            cause,
          }),
        );
      const text = JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${secret}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        "if-match": `"${version}"`,
      };
      const options = { host: hostOf(host), port, method, path: `/api/v1${path}`, headers, ...tls, timeout: 30_000 };
      const asked = request(options, (answer) => {
        let said = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          if (said.length < MAX_ANSWER_CHARS) said += part;
        });
        answer.on("error", fail);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, detail: detailOf(said) }));
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer within 30 s")));
      asked.on("error", fail);
      asked.end(text);
    });
};

const detailOf = (text: string): string => {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: unknown; title?: unknown };
    return String(detail ?? title ?? "");
  } catch {
    return "";
  }
};
