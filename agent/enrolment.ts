import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { z } from "zod";
import { type Clock, toTimestamp } from "../shared/clock.ts";
import { RollcallError } from "../shared/errors.ts";
import { enrolRequestSchema, enrolResponseSchema } from "../shared/protocol/envelope.ts";
import { formatPublicKey } from "../shared/protocol/frame.ts";
import { ensureKey, type IdentityFile } from "./identity.ts";
import { writeIdentity } from "./identity-file.ts";

export type EnrolOptions = {
  readonly url: string;
  readonly token: string;
  readonly name: string;
  readonly stateDirectory: string;
  /** PEM of the only authorities believed. */
  readonly ca?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
};

export type Enrolled = { readonly identity: IdentityFile; readonly status: "approved" | "pending" };

const MAX_ANSWER = 65_536;

type Answer = { readonly status: number; readonly text: string };

const post = (url: URL, body: string, { ca, timeoutMs, signal, clock }: EnrolOptions): Promise<Answer> =>
  new Promise<Answer>((resolve, reject) => {
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort(new Error(`no answer in ${timeoutMs} ms`)), { unref: true });
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    const outgoing = request(
      url,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          accept: "application/json",
        },
        ...{ signal: AbortSignal.any([signal, late.signal]), agent: false },
        ...(ca !== undefined && { ca }),
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MAX_ANSWER) outgoing.destroy(new Error("the answer is too long"));
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.on("close", cancel);
    outgoing.end(body);
  });

/** Only over TLS, or to this very host: a token is a secret. */
const checkUrl = (text: string): URL => {
  if (!URL.canParse(text)) throw new RollcallError("usage.url", `"${text}" is no URL: expected https://HOST`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    throw new RollcallError("usage.url", "the URL must not carry credentials");
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isHere))
    throw new RollcallError("usage.url", `enrolment needs https:// beyond this host, not ${url.protocol}//`);
  return url;
};

/** What a problem document (RFC 9457) says of itself, for the one line a person gets. */
const detailOf = ({ status, text }: Answer): string => {
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    const said = problem.detail ?? problem.title;
    if (typeof said === "string" && said.length > 0) return said.slice(0, 500);
  } catch {}
  return `HTTP status ${status}`;
};

const parseAnswer = (answer: Answer, url: URL): z.infer<typeof enrolResponseSchema> => {
  if (answer.status === 401 || answer.status === 403)
    throw new RollcallError("enrol.token", `the collector does not take this token: ${detailOf(answer)}`);
  if (answer.status < 200 || answer.status > 299)
    throw new RollcallError("enrol.refused", `enrolling at ${url.origin}: ${detailOf(answer)}`);
  try {
    return enrolResponseSchema.parse(JSON.parse(answer.text));
  } catch {
    throw new RollcallError("enrol.protocol", `${url.origin} did not answer as a collector does`);
  }
};

const toConnectError = (url: URL, cause: unknown): RollcallError => {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (/CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(code))
    return new RollcallError(
      "enrol.certificate",
      `the certificate of ${url.origin} is not trusted: name its authority with --ca FILE`,
      {
        cause,
      },
    );
  return new RollcallError("enrol.unavailable", `reaching the collector at ${url.origin}`, { remedy: "retry", cause });
};

/**
 * Makes the agent's key if there is none, shows its public half to the collector with the token, and keeps what comes back:
 * the agent's id, and the collector's key, pinned from here on. Safe to repeat after an interruption: the key stays.
 *
 * @throws RollcallError `usage.url`, `enrol.*`, `state.permission`
 */
export const enrol = async (options: EnrolOptions): Promise<Enrolled> => {
  const base = checkUrl(options.url);
  const key = ensureKey(options.stateDirectory);
  const url = new URL(`${base.pathname.replace(/\/$/, "")}/api/v1/enrol`, base);
  const asked = enrolRequestSchema.safeParse({
    token: options.token,
    publicKey: formatPublicKey(key),
    name: options.name,
  });
  if (!asked.success) throw new RollcallError("usage.enrol", "token or name is empty or too long");
  const answer = await post(url, JSON.stringify(asked.data), options).catch((cause: unknown) => {
    throw options.signal.aborted ? options.signal.reason : toConnectError(url, cause);
  });
  const { agentId, collectorId, collectorPublicKey, status, websocketPath } = parseAnswer(answer, url);
  const identity: IdentityFile = {
    ...{ agentId, collectorId, collectorPublicKey, websocketPath, name: options.name },
    collectorUrl: `${base.origin}${base.pathname.replace(/\/$/, "")}`,
    enrolledAt: toTimestamp(options.clock.now()),
  };
  writeIdentity(options.stateDirectory, identity);
  return { identity, status };
};
