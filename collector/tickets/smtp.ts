import { type Clock, withDeadline } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import { excerpt } from "./http.ts";
import { type LineServer, type Lines, openLines } from "./lines.ts";

export type SmtpServer = LineServer & { readonly user?: string | undefined; readonly password?: string | undefined };

export type Envelope = { readonly from: string; readonly to: readonly string[] };

/** A server's answer that ends the conversation. `isSent`: the whole message was handed over before, and may have been taken. */
export class SmtpRefusal extends Error {
  override readonly name = "SmtpRefusal";
  readonly code: number;
  readonly isLogin: boolean;
  constructor(doing: string, { code, text }: Reply, isLogin = false) {
    super(`${doing}: ${code} ${excerpt(text)}`);
    this.code = code;
    this.isLogin = isLogin;
  }
}

/** The message was handed over to its last byte, and no answer came: the server may have it. */
export class SmtpUnclear extends Error {
  override readonly name = "SmtpUnclear";
}

type Reply = { readonly code: number; readonly text: string };
type Session = { readonly lines: Lines; readonly extensions: ReadonlyMap<string, string> };

const MAX_REPLY_LINES = 128;
/** Until the message is handed over. */
const TALK_MS = 60_000;
/** RFC 5321, 4.5.3.2.6: whoever gives up on the answer to the message earlier than after ten minutes will see it come twice. */
export const ANSWER_MS = 600_000;

const readReply = async (lines: Lines): Promise<Reply> => {
  const texts: string[] = [];
  for (;;) {
    const line = await lines.read();
    const [, code, more, text = ""] = /^(\d{3})(?:([ -])(.*))?$/.exec(line) ?? [];
    if (code === undefined)
      throw new RollcallError("desk.lines", `not a mail server: it says "${excerpt(line).slice(0, 60)}"`, {
        remedy: "retry",
      });
    texts.push(text);
    if (more !== "-") return { code: Number(code), text: texts.join("\n") };
    if (texts.length >= MAX_REPLY_LINES)
      throw new RollcallError("desk.lines", "the server's answer has no end", { remedy: "retry" });
  }
};

const say = async (lines: Lines, command: string, wanted: readonly number[], doing: string): Promise<Reply> => {
  lines.write(`${command}\r\n`);
  const reply = await readReply(lines);
  if (!wanted.includes(reply.code)) throw new SmtpRefusal(doing, reply);
  return reply;
};

const greet = async (lines: Lines): Promise<ReadonlyMap<string, string>> => {
  const { localAddress: own } = lines;
  const literal = own.includes(":") ? `[IPv6:${own}]` : `[${own}]`;
  const { text } = await say(lines, `EHLO ${literal}`, [250], "greeting the server");
  const offered = text.split("\n").slice(1);
  return new Map(
    offered.map((line) => {
      const [name = "", ...rest] = line.trim().split(/[ =]/);
      return [name.toUpperCase(), rest.join(" ").toUpperCase()];
    }),
  );
};

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

const login = async ({ lines, extensions }: Session, user: string, password: string): Promise<void> => {
  const offered = (extensions.get("AUTH") ?? "").split(" ");
  const check = (reply: Reply) => {
    if (reply.code !== 235) throw new SmtpRefusal("logging in", reply, true);
  };
  if (offered.includes("PLAIN")) {
    lines.write(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}\r\n`);
    return check(await readReply(lines));
  }
  if (!offered.includes("LOGIN"))
    throw new SmtpRefusal("logging in", { code: 504, text: "the server offers no login that we know" }, true);
  for (const step of ["AUTH LOGIN", base64(user)]) {
    lines.write(`${step}\r\n`);
    const reply = await readReply(lines);
    if (reply.code !== 334) throw new SmtpRefusal("logging in", reply, true);
  }
  lines.write(`${base64(password)}\r\n`);
  check(await readReply(lines));
};

const openSession = async (server: SmtpServer, clock: Clock, signal: AbortSignal): Promise<Session> => {
  const lines = await openLines(server, { clock, signal });
  try {
    const hello = await readReply(lines);
    if (hello.code !== 220) throw new SmtpRefusal("connecting", hello);
    let extensions = await greet(lines);
    if (server.security === "starttls") {
      if (!extensions.has("STARTTLS"))
        throw new SmtpRefusal("asking for TLS", { code: 454, text: "the server offers no STARTTLS" });
      await say(lines, "STARTTLS", [220], "asking for TLS");
      await lines.upgrade();
      extensions = await greet(lines);
    }
    const session = { lines, extensions };
    if (server.user !== undefined) await login(session, server.user, server.password ?? "");
    return session;
  } catch (error) {
    lines.close();
    throw error;
  }
};

/** Lines that begin with a dot get a second one (RFC 5321, 4.5.2); the message ends in a line of one dot. */
const toData = (message: Buffer): Buffer => {
  const text = message.toString("latin1").replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..");
  return Buffer.from(`${text}${text.endsWith("\r\n") ? "" : "\r\n"}.\r\n`, "latin1");
};

/** Connects, greets, logs in, and leaves. @throws SmtpRefusal, RollcallError */
export const tryLogin = async (server: SmtpServer, clock: Clock, signal: AbortSignal): Promise<void> => {
  await withDeadline(clock, TALK_MS, signal, async (within) => {
    const { lines } = await openSession(server, clock, within);
    lines.write("QUIT\r\n");
    lines.close();
  });
};

/**
 * Hands one message to a mail server; resolves to the recipients that it refused for good while others were taken.
 *
 * The server may have the message from its last byte on, before its answer is heard: nothing in SMTP tells which. So the
 * two are told apart: what fails before that byte was certainly not taken, what fails after it is `SmtpUnclear`.
 * @throws SmtpRefusal (4yz: later, 5yz: final), SmtpUnclear, RollcallError `desk.*` (not taken, to be tried again)
 */
export const sendMail = async (
  server: SmtpServer,
  { from, to }: Envelope,
  message: Buffer,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly string[]> => {
  const ending = new AbortController();
  const stop = () => ending.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  let cancel = clock.after(TALK_MS, () => ending.abort(new Error(`no message handed over in ${TALK_MS} ms`)));
  let open: Lines | undefined;
  try {
    signal.throwIfAborted();
    const { lines } = await openSession(server, clock, ending.signal);
    open = lines;
    await say(lines, `MAIL FROM:<${from}>`, [250], "naming the sender");
    const refused: string[] = [];
    for (const one of to) {
      const reply = await say(lines, `RCPT TO:<${one}>`, [250, 251, 550, 551, 552, 553, 554], `naming ${one}`);
      if (reply.code >= 500) refused.push(`${one}: ${reply.code} ${excerpt(reply.text)}`);
    }
    if (refused.length === to.length)
      throw new SmtpRefusal("naming the recipients", { code: 550, text: refused.join("; ") });
    await say(lines, "DATA", [354], "sending the message");
    cancel();
    cancel = clock.after(ANSWER_MS, () => ending.abort(new Error(`no answer in ${ANSWER_MS} ms`)));
    lines.write(toData(message));
    const reply = await readReply(lines).catch((cause: unknown) => {
      throw new SmtpUnclear("no answer after the message was handed over", { cause });
    });
    if (reply.code !== 250) throw new SmtpRefusal("sending the message", reply);
    lines.write("QUIT\r\n");
    return refused;
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
    open?.close();
  }
};
