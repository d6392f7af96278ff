import type { z } from "zod";
import { expectStatus, parseAnswer } from "./desk.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http.ts";

export type RestCall = {
  readonly method?: HttpRequest["method"];
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

export type Rest = {
  /** The bare exchange, whatever the status. */
  readonly call: (call: RestCall) => Promise<HttpAnswer>;
  /** The answer's body in the given form; any status but `wanted` throws what the outbox is to do. */
  readonly ask: <S extends z.ZodType>(
    what: string,
    schema: S,
    call: RestCall,
    wanted?: readonly number[],
  ) => Promise<z.infer<S>>;
  /** For calls whose answer tells nothing. */
  readonly tell: (what: string, call: RestCall, wanted?: readonly number[]) => Promise<void>;
};

/** A product's JSON API: base address and headers once, GET unless a body or method is given. */
export const createRest = (
  http: HttpClient,
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  now: () => number,
): Rest => {
  const root = baseUrl.replace(/\/+$/, "");
  const call = ({ method, path, query, json, form, headers: more = {}, signal }: RestCall): Promise<HttpAnswer> => {
    const search = query ? `?${new URLSearchParams(query)}` : "";
    const body = json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : undefined;
    const type = json !== undefined ? "application/json" : "application/x-www-form-urlencoded";
    return http({
      method: method ?? (body === undefined ? "GET" : "POST"),
      url: `${root}${path}${search}`,
      headers: { ...(body === undefined ? {} : { "content-type": type }), ...headers, ...more },
      ...(body === undefined ? {} : { body }),
      signal,
    });
  };
  return {
    call,
    ask: async (what, schema, request, wanted = [200, 201]) =>
      parseAnswer(schema, expectStatus(await call(request), wanted, what, now()), what),
    tell: async (what, request, wanted = [200, 201, 202, 204]) => {
      expectStatus(await call(request), wanted, what, now());
    },
  };
};

export const basicAuth = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
