import type { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import type {
  Call,
  CheckFinding,
  Delivery,
  Desk,
  DeskState,
  TicketContent,
  TicketNote,
  TicketRef,
} from "./connector.ts";
import { deliveryOfStatus, type HttpAnswer } from "./http.ts";

/** A desk's answer that ends the call: carries what the outbox is to do. */
export class DeskError extends Error {
  override readonly name = "DeskError";
  readonly delivery: Exclude<Delivery, { status: "delivered" }>;

  constructor(delivery: Exclude<Delivery, { status: "delivered" }>) {
    super(delivery.reason);
    this.delivery = delivery;
  }
}

export const reject = (reason: string): never => {
  throw new DeskError({ status: "rejected", reason });
};

/** What one product can do, in its own calls. Everything throws DeskError or RollcallError when it fails. */
export type DeskOperations = {
  readonly check: (signal: AbortSignal) => Promise<readonly CheckFinding[]>;
  /** Tickets that carry this very key (compared by us, in every hit), oldest first; absent where the desk can't be searched. */
  readonly find?: (content: TicketContent, signal: AbortSignal) => Promise<readonly TicketRef[]>;
  /** The id of the asset's counterpart in the product's own records, by what identifies it; undefined unless there is exactly one. */
  readonly findAsset?: (asset: NonNullable<TicketContent["asset"]>, signal: AbortSignal) => Promise<string | undefined>;
  readonly create: (
    content: TicketContent,
    signal: AbortSignal,
  ) => Promise<{ readonly ref: TicketRef; readonly remark?: string }>;
  readonly read?: (ref: TicketRef, signal: AbortSignal) => Promise<DeskState>;
  readonly addNote: (ref: TicketRef, content: TicketContent, note: TicketNote, signal: AbortSignal) => Promise<void>;
  /** Whether a note with this id stands there already; absent where that can't be told, and a note may then come twice. */
  readonly hasNote?: (
    ref: TicketRef,
    note: TicketNote,
    signal: AbortSignal,
    content: TicketContent,
  ) => Promise<boolean>;
  /** Changes the state and says why, in one call or two. Absent where the desk knows no such state: then a note tells. */
  readonly setState?: (
    ref: TicketRef,
    content: TicketContent,
    note: TicketNote,
    state: "open" | "resolved",
    signal: AbortSignal,
  ) => Promise<void>;
  /** For desks that can't be read but join repeats by our key: says the new state, which does no harm when said twice. */
  readonly change?: (
    ref: TicketRef,
    content: TicketContent,
    note: TicketNote,
    state: "open" | "resolved",
    signal: AbortSignal,
  ) => Promise<void>;
  /** For desks that forget: says again what stands. */
  readonly renew?: (ref: TicketRef, content: TicketContent, signal: AbortSignal) => Promise<void>;
  readonly renewMs?: number;
  readonly patienceMs?: number;
};

/**
 * The rules that hold at every desk, over one product's operations: search before a second create and keep the oldest hit;
 * never overrule a person (comment only); never repeat a change that stands; read back after each change.
 */
export const createDesk = (name: string, operations: DeskOperations): Desk => {
  const {
    find,
    findAsset,
    create,
    read,
    addNote,
    hasNote,
    setState,
    change: say,
    renew,
    renewMs,
    patienceMs,
  } = operations;

  /** A ticket without its asset is worth more than none: where the desk refuses to say, that is a remark. A desk that is away is asked again. */
  const withAsset = async (
    content: TicketContent,
    signal: AbortSignal,
  ): Promise<{ readonly content: TicketContent; readonly remark?: string }> => {
    const { asset } = content;
    if (!findAsset || !asset || asset.ciRef !== undefined) return { content };
    try {
      const ciRef = await findAsset(asset, signal);
      return { content: ciRef === undefined ? content : { ...content, asset: { ...asset, ciRef } } };
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      return { content, remark: `its asset there could not be looked up: ${error.message}` };
    }
  };

  const attempt = async (what: string, run: () => Promise<Delivery>): Promise<Delivery> => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof DeskError)
        return { ...error.delivery, reason: `${name}: ${what}: ${error.delivery.reason}` };
      if (!(error instanceof RollcallError)) throw error;
      const reason = `${name}: ${what}: ${error.message}`;
      return error.remedy === "retry"
        ? { status: "retry", reason, unclear: error.code !== "desk.refused" && error.code !== "desk.tls" }
        : { status: "rejected", reason };
    }
  };

  const note = async (
    ref: TicketRef,
    content: TicketContent,
    text: TicketNote,
    { search, signal }: Call,
  ): Promise<void> => {
    if (search && hasNote && (await hasNote(ref, text, signal, content))) return;
    await addNote(ref, content, text, signal);
  };

  const change =
    (wanted: "open" | "resolved", what: string) =>
    (ref: TicketRef, content: TicketContent, text: TicketNote, call: Call): Promise<Delivery> =>
      attempt(what, async () => {
        if (say) {
          if (call.search && hasNote && (await hasNote(ref, text, call.signal, content)))
            return { status: "delivered", ticketRef: ref };
          await say(ref, content, text, wanted, call.signal);
          return { status: "delivered", ticketRef: ref };
        }
        if (!setState || !read) {
          await note(ref, content, text, call);
          return { status: "delivered", ticketRef: ref, remark: `${name} keeps no state of ours: said in a note` };
        }
        const before = await read(ref, call.signal);
        if (before.state === "gone")
          return { status: "rejected", reason: `${name}: ${what}: ticket ${ref.number ?? ref.id} is gone` };
        if (before.state === wanted) return { status: "delivered", ticketRef: ref };
        if (before.state === "taken") {
          await note(ref, content, text, call);
          return {
            status: "delivered",
            ticketRef: ref,
            remark: `taken over by ${before.assignee ?? "a person"}: commented only`,
          };
        }
        await setState(ref, content, text, wanted, call.signal);
        const after = await read(ref, call.signal);
        if (after.state === wanted || after.state === "taken") return { status: "delivered", ticketRef: ref };
        return { status: "retry", reason: `${name}: ${what}: the desk said yes and changed nothing`, afterMs: 300_000 };
      });

  return {
    check: operations.check,
    open: (content, { search, signal }) =>
      attempt("opening", async () => {
        const found = search && find ? await find(content, signal) : [];
        const oldest = found[0];
        if (oldest) {
          const more =
            found.length > 1 ? { remark: `found ${found.length} tickets with this key, kept the oldest` } : {};
          return { status: "delivered", ticketRef: oldest, ...more };
        }
        const linked = await withAsset(content, signal);
        const { ref, remark } = await create(linked.content, signal);
        const remarks = [remark, linked.remark].filter((one) => one !== undefined);
        return { status: "delivered", ticketRef: ref, ...(remarks.length === 0 ? {} : { remark: remarks.join("; ") }) };
      }),
    comment: (ref, content, text, call) =>
      attempt("commenting", async () => {
        await note(ref, content, text, call);
        return { status: "delivered", ticketRef: ref };
      }),
    resolve: change("resolved", "resolving"),
    reopen: change("open", "reopening"),
    ...(read === undefined ? {} : { read }),
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(renew === undefined || renewMs === undefined
      ? {}
      : {
          renewMs,
          renew: (ref, content, signal) =>
            attempt("renewing", async () => {
              await renew(ref, content, signal);
              return { status: "delivered", ticketRef: ref };
            }),
        }),
  };
};

/** The answer itself if its status is one of `wanted`; else throws what the outbox is to do. */
export const expectStatus = (
  answer: HttpAnswer,
  wanted: readonly number[],
  what: string,
  nowMs: number,
): HttpAnswer => {
  if (wanted.includes(answer.status)) return answer;
  const delivery = deliveryOfStatus(answer, what, nowMs);
  if (delivery.status === "delivered") throw new RollcallError("desk.bug", `${what}: a failure counted as success`);
  throw new DeskError(delivery);
};

/** The answer's JSON in the form we expect; an answer of another form is the desk's fault or a proxy's, and is tried again. */
export const parseAnswer = <S extends z.ZodType>(schema: S, answer: HttpAnswer, what: string): z.infer<S> => {
  const parsed = schema.safeParse(answer.json());
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") || "the whole";
  throw new RollcallError("desk.unexpected", `${what}: the answer has not the form we know (${where})`, {
    remedy: "retry",
    cause: parsed.error,
  });
};

export const finding = (ok: boolean, what: string, remedy: string): CheckFinding =>
  ok ? { ok, what } : { ok, what, remedy };

/** Runs a desk's checks in order and stops at the first fault that makes the rest meaningless (it threw). */
export const checked = async (
  signal: AbortSignal,
  steps: readonly ((signal: AbortSignal) => Promise<CheckFinding | readonly CheckFinding[]>)[],
): Promise<readonly CheckFinding[]> => {
  const findings: CheckFinding[] = [];
  for (const step of steps) {
    try {
      findings.push(...[await step(signal)].flat());
    } catch (error) {
      if (!(error instanceof DeskError || error instanceof RollcallError)) throw error;
      return [
        ...findings,
        { ok: false, what: error.message, remedy: "check the address, the network and the credentials" },
      ];
    }
  }
  return findings;
};
