import { createHash } from "node:crypto";
import { createTransport } from "nodemailer";
import { z } from "zod";
import { RollcallError } from "../../shared/errors.ts";
import { type CheckFinding, defineConnector, type TicketContent, type TicketNote } from "./connector.ts";
import { createDesk, DeskError, finding } from "./desk.ts";
import { hasMessage, type MailboxServer, tryMailbox } from "./mailbox.ts";
import { ANSWER_MS, SmtpRefusal, SmtpUnclear, sendMail, tryLogin } from "./smtp.ts";

const security = z.enum(["tls", "starttls", "none"]);
const port = z.int().min(1).max(65_535);
/** In quotes on one line of a protocol. */
const word = z.string().regex(/^[\x20-\x7e]{1,256}$/, "printable ASCII, at most 256 characters");

const mailboxSchema = z.strictObject({
  host: z.string().min(1),
  port,
  security: security.default("tls"),
  user: word,
  password: word,
  ca: z.string().optional(),
  folder: word.default("INBOX"),
  /** The mailbox's own address, which every message then goes to as well, unseen; left out where it is one of `to`. */
  address: z.email().optional(),
  /** How long a message may be on its way from the server into the mailbox, ms. Less: tries after a crash are quicker. More: fewer copies. */
  settleMs: z.int().min(0).max(300_000).default(20_000),
});

const configSchema = z.strictObject({
  host: z.string().min(1),
  port,
  /** "tls" from the first byte; "starttls" required before anything is said; "none" only on a network you trust. */
  security: security.default("starttls"),
  user: z.string().optional(),
  password: z.string().optional(),
  /** PEM of a certificate authority of your own. */
  ca: z.string().optional(),
  from: z.email(),
  to: z.array(z.email()).min(1).max(20),
  /** The desk's own tag for the ticket, if it answers by one: put into later subjects, since some desks thread by nothing else. */
  subjectTag: z.string().max(64).optional(),
  /** A mailbox (IMAP) that gets our messages, to be asked before one whose answer was lost is sent again. */
  mailbox: mailboxSchema.optional(),
});

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
/** Header text is one line: a device's name must not add headers. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, 200);

/**
 * E-mail to a desk or to people. One message a step with a fixed Message-ID; threaded by References; marked as automatic,
 * so that no robot answers. Mail can't resolve a ticket.
 *
 * SMTP can't say whether a message was taken when the answer to it is lost (RFC 5321, 4.5.3.2.6): it is sent again then,
 * and may arrive twice, under the same Message-ID. With a mailbox to ask, it is sent again only if it is not there.
 */
export const email = defineConnector({
  name: "email",
  title: "E-mail",
  abilities: ["comment", "resolve", "reopen"],
  tried: "real",
  configSchema,
  connect: (config, { clock }) => {
    const composer = createTransport({
      ...{ streamTransport: true, buffer: true, newline: "windows" },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    const domain = config.from.split("@")[1] ?? "rollcall.invalid";
    const messageId = (content: TicketContent, step: string) =>
      `<${hash(`${content.key}\0${step}`)}.rollcall@${domain}>`;
    const { mailbox } = config;
    const server: MailboxServer | undefined = mailbox;
    const envelope = {
      from: config.from,
      to: [...new Set([...config.to, ...(mailbox?.address === undefined ? [] : [mailbox.address])])],
    };

    type Words = { readonly step: string; readonly lead: string; readonly note?: TicketNote };
    const compose = async (content: TicketContent, { step, lead, note }: Words): Promise<Buffer> => {
      const first = messageId(content, "opened");
      const { message } = await composer.sendMail({
        from: { name: "Rollcall", address: config.from },
        to: [...config.to],
        subject: oneLine(`${config.subjectTag ? `${config.subjectTag} ` : ""}${lead}${content.subject}`),
        text: `${note?.text ?? content.text}\n\n-- \n${content.key}\n`,
        html: note?.html ?? content.html,
        messageId: messageId(content, step),
        ...(step === "opened" ? {} : { inReplyTo: first, references: [first] }),
        headers: {
          "Auto-Submitted": "auto-generated",
          "X-Auto-Response-Suppress": "All",
          "X-Rollcall-Key": content.key,
        },
      });
      if (!Buffer.isBuffer(message)) throw new RollcallError("desk.bug", "a mail was not composed in memory");
      return message;
    };
    const send = async (content: TicketContent, words: Words, signal: AbortSignal): Promise<readonly string[]> => {
      const message = await compose(content, words);
      return sendMail(config, envelope, message, { clock, signal }).catch((error: unknown) => {
        throw toDeskError(error);
      });
    };
    /** Asked twice, since what was taken may still be on its way. */
    const hasArrived = async (box: MailboxServer, id: string, signal: AbortSignal): Promise<boolean> => {
      if (await hasMessage(box, id, { clock, signal })) return true;
      await clock.sleep(mailbox?.settleMs ?? 0, signal);
      return hasMessage(box, id, { clock, signal });
    };

    const checkServer = async (signal: AbortSignal): Promise<CheckFinding> => {
      try {
        await tryLogin(config, clock, signal);
        return finding(true, "the mail server takes our connection and login", "");
      } catch (error) {
        return finding(false, toDeskError(error).message, "check host, port, security, user and password");
      }
    };
    const checkMailbox = async (box: MailboxServer, signal: AbortSignal): Promise<CheckFinding> => {
      try {
        await tryMailbox(box, { clock, signal });
        return finding(true, "the mailbox can be searched", "");
      } catch (error) {
        const what = error instanceof Error ? error.message : "the mailbox can't be read";
        return finding(false, what, "check mailbox.host, port, security, user, password and folder");
      }
    };

    return createDesk("E-mail", {
      // The answer to a message may take ten minutes, and the talk before it one.
      patienceMs: ANSWER_MS + 120_000,
      check: async (signal) => [
        await checkServer(signal),
        ...(server === undefined ? [] : [await checkMailbox(server, signal)]),
      ],
      ...(server === undefined
        ? {}
        : {
            find: async (content, signal) => {
              const id = messageId(content, "opened");
              return (await hasArrived(server, id, signal)) ? [{ id }] : [];
            },
            hasNote: (_ref, note, signal, content) => hasArrived(server, messageId(content, note.id), signal),
          }),
      create: async (content, signal) => {
        const refused = await send(content, { step: "opened", lead: "" }, signal);
        const ref = { id: messageId(content, "opened") };
        return refused.length === 0 ? { ref } : { ref, remark: `refused for ${refused.join("; ")}` };
      },
      addNote: async (_ref, content, note, signal) => {
        await send(content, { step: note.id, lead: "Re: ", note }, signal);
      },
      change: async (_ref, content, note, state, signal) => {
        await send(content, { step: note.id, lead: state === "resolved" ? "Over: " : "Again: ", note }, signal);
      },
    });
  },
});

/** 4xx and lost connections are tried again, 5xx is final; a login that is refused is a person's to mend. */
const toDeskError = (error: unknown): DeskError => {
  const reason = `mail server: ${oneLine(error instanceof Error ? error.message : String(error))}`;
  if (error instanceof SmtpUnclear) return new DeskError({ status: "retry", reason, unclear: true });
  if (error instanceof SmtpRefusal) {
    if (error.isLogin || error.code === 530) return new DeskError({ status: "retry", reason, afterMs: 300_000 });
    return new DeskError(error.code >= 500 ? { status: "rejected", reason } : { status: "retry", reason });
  }
  return new DeskError({ status: "retry", reason, unclear: false });
};
