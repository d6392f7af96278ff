import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Role } from "../../shared/model/access.ts";
import type { Operation, OperationKind, Requester, ResultOf } from "../engine/operations.ts";
import type { Who } from "./auth.ts";
import type { ApiDeps } from "./deps.ts";
import { ProblemError, refusalOf } from "./problem.ts";

/** What a handler may answer with: the schema's type, or the same with everything read-only, as the reads give it. */
export type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer U)[]
    ? readonly DeepReadonly<U>[]
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T;

type Input<P, Q, B> = {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who asks. On public routes: nobody, as role "viewer" that may not read a thing. */
  readonly who: Who;
  /** The version that `If-Match` names. */
  readonly ifMatch: number | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly deps: ApiDeps;
};

type Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  readonly path: string;
  /** The least role that may; "public": anybody who reaches the port. */
  readonly role: Role | "public";
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  /** Requests a minute from one address, where that must be less than the rest of the API allows. */
  readonly perMinute?: number;
  readonly handler: (
    input: Input<z.output<P>, z.output<Q>, z.output<B>>,
  ) => Promise<DeepReadonly<z.output<R>> | ReadyText>;
};

/**
 * An answer that is JSON already and fits the response's schema as it is. For lists that are asked for all the time: their
 * reader names every field it gives, and going through the schema again would cost more than reading them.
 */
export type ReadyText = { readonly [readyText]: Uint8Array };
export const readyText = Symbol("an answer that is JSON text, in UTF-8");

export type Route = Omit<Spec<z.ZodType, z.ZodType, z.ZodType, z.ZodType>, "handler"> & {
  readonly handle: (input: Input<unknown, unknown, unknown>) => Promise<unknown>;
};

/**
 * One operation of the API: from this the server makes its checks, and OpenAPI its description. The casts are sound: Fastify
 * has put params, query and body through exactly these schemas before `handle` is called.
 */
export const defineRoute = <
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodVoid,
>({
  handler,
  ...rest
}: Spec<P, Q, B, R>): Route => ({
  ...rest,
  handle: (input) => handler(input as Input<z.output<P>, z.output<Q>, z.output<B>>),
});

/** Has the engine apply an operation in the name of who asks. @throws ProblemError what the engine refused */
export const applyFor = async <K extends OperationKind>(
  deps: ApiDeps,
  { name, role }: Requester,
  operation: Extract<Operation, { kind: K }>,
): Promise<ResultOf<K>> => {
  const outcome = await deps.apply<K>(operation, { name, role });
  if (outcome.status === "refused") throw refusalOf(outcome.code, outcome.reason);
  return outcome.result;
};

/** @throws ProblemError `not-found` */
export const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new ProblemError("not-found", `There is no ${what}`);
  return value;
};

/** @throws ProblemError `request.version` when the writer saw another version than there is now */
export const expectVersion = (ifMatch: number | undefined, version: number): void => {
  if (ifMatch !== undefined && ifMatch !== version)
    throw new ProblemError("request.version", `You saw version ${ifMatch}, it has version ${version} now`);
};

/** Names the record's version; the server makes the answer's ETag of it, and answers 304 where the client has it already. */
export const versioned = <T extends { readonly version: number }>(value: T, reply: FastifyReply): T => {
  void reply.header("etag", String(value.version));
  return value;
};

/** Schemas of query strings. Several values of a filter repeat its name. */
export const several = <S extends z.ZodType>(one: S) => z.exactOptional(z.union([one, z.array(one).max(64)]));
export const toList = <T>(value: T | T[] | undefined): readonly T[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value : [value];
export const paging = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.exactOptional(z.string().max(1_024)),
};
export const search = z.exactOptional(z.string().max(256).describe("Matches any part, case does not matter"));

/** Leaves out what is undefined or empty: optional properties of our types are absent, not undefined. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
export const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== "")) as Present<T>;
