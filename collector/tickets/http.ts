import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Clock, systemClock, withDeadline } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import type { Delivery } from "./connector.ts";

export type HttpRequest = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; throws `desk.not-json` (retry), since a proxy's HTML page is no answer of the desk. */
  readonly json: () => unknown;
};

export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

export type HttpOptions = {
  /** PEM certificates to trust beside the system's. */
  readonly ca?: string;
  /** From the first byte sent to the last received; a slow drip ends here. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly clock?: Clock;
};

/**
 * One bounded HTTP exchange. Follows no redirect (a desk that moved is a configuration fault, and a redirect could carry
 * our token elsewhere), reads at most `maxBytes`, ends after `timeoutMs`, checks TLS names.
 * @throws RollcallError, all to be tried again, since people mend certificates and proxies and no ticket may be lost meanwhile:
 *   `desk.refused`, `desk.tls` (nothing was sent), `desk.unclear`, `desk.too-large` (may have been done)
 */
export const createHttpClient = ({
  ca,
  timeoutMs = 20_000,
  maxBytes = 4 * 1_048_576,
  clock = systemClock,
}: HttpOptions = {}): HttpClient => {
  const exchange = ({ method, url, headers = {}, body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const send = target.protocol === "https:" ? httpsRequest : httpRequest;
      const place = `${method} ${target.origin}${target.pathname}`;
      let isSent = false;
      const fail = (code: string, what: string, cause?: unknown) => {
        request.destroy();
        reject(new RollcallError(code, `${place}: ${what}`, { remedy: "retry", cause }));
      };
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const request = send(target, {
        method,
        headers: { "user-agent": "rollcall", accept: "application/json", ...headers, ...length },
        ...(ca === undefined ? {} : { ca }),
        signal,
      });
      request.on("finish", () => {
        isSent = true;
      });
      request.on("error", (cause: NodeJS.ErrnoException) => {
        if (isTlsFault(cause)) return fail("desk.tls", tlsFaultOf(cause), cause);
        // What never reached a socket was not done; everything else may have been.
        const unclear = isSent && !["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(cause.code ?? "");
        fail(unclear ? "desk.unclear" : "desk.refused", unclear ? "no answer" : "not reachable", cause);
      });
      request.on("response", (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        readBody(response, maxBytes, fail, (text) =>
          resolve({ status, headers: answered, text, json: () => parseJson(text, place) }),
        );
      });
      request.end(body);
    });
  return (request) => withDeadline(clock, timeoutMs, request.signal, (signal) => exchange(request, signal));
};

const readBody = (
  response: IncomingMessage,
  maxBytes: number,
  fail: (code: string, what: string, cause?: unknown) => void,
  done: (text: string) => void,
): void => {
  const parts: Buffer[] = [];
  let size = 0;
  response.on("data", (part: Buffer) => {
    size += part.length;
    if (size > maxBytes) return fail("desk.too-large", `answer is larger than ${maxBytes} bytes`);
    parts.push(part);
  });
  response.on("error", (cause) => fail("desk.unclear", "the answer broke off", cause));
  response.on("end", () => done(Buffer.concat(parts).toString("utf8")));
};

export const isTlsFault = ({ code = "" }: NodeJS.ErrnoException): boolean =>
  /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);

export const tlsFaultOf = ({ code }: NodeJS.ErrnoException): string =>
  code === "ERR_TLS_CERT_ALTNAME_INVALID"
    ? "its certificate is for another name; put the name that it is for into the configuration"
    : code === "CERT_HAS_EXPIRED"
      ? "its certificate has expired"
      : "its certificate is not trusted";

const parseJson = (text: string, place: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RollcallError("desk.not-json", `${place}: the answer is not JSON`, { remedy: "retry", cause });
  }
};

/** Milliseconds of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3), at most a day. */
export const retryAfterMs = (headers: IncomingHttpHeaders, nowMs: number): number | undefined => {
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 86_400_000) : undefined;
};

/**
 * The outcome of an answer that is no success: overload and server faults are tried again (and may have been done), a bad
 * token is tried again too, since people mend tokens; everything else of 4xx is final.
 */
export const deliveryOfStatus = (answer: HttpAnswer, what: string, nowMs: number): Delivery => {
  const { status } = answer;
  const afterMs = retryAfterMs(answer.headers, nowMs);
  const wait = afterMs === undefined ? {} : { afterMs };
  if (status === 429) return { status: "retry", reason: `${what}: the desk asks us to slow down (429)`, ...wait };
  if (status === 401 || status === 403)
    return {
      status: "retry",
      reason: `${what}: the desk refuses our credentials (${status}); check the token and its rights`,
      afterMs: afterMs ?? 300_000,
    };
  if (status >= 500) return { status: "retry", reason: `${what}: the desk failed (${status})`, unclear: true, ...wait };
  if (status >= 200 && status < 300)
    return {
      status: "retry",
      reason: `${what}: answered ${status}, which its API never does here; a proxy or a login page in between?`,
      unclear: true,
    };
  // A proxy's page for maintenance is a redirect too: it passes, and the ticket must still be there then.
  if (status >= 300 && status < 400)
    return {
      status: "retry",
      reason: `${what}: the desk redirects (${status}); put its final address into the configuration`,
      afterMs: afterMs ?? 300_000,
    };
  return { status: "rejected", reason: `${what}: the desk refused (${status}) ${excerpt(answer.text)}`.trim() };
};

/** At most 200 printable characters of a desk's own words. */
export const excerpt = (text: string): string =>
  text
    .replace(/<[^>]*>/g, " ")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
