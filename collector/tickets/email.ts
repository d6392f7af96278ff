import { createHash } from "node:crypto";
import { createTransport } from "nodemailer";
import { z } from "zod";
import { defineConnector, type TicketContent, type TicketNote } from "./connector.ts";
import { createDesk, DeskError, finding } from "./desk.ts";

const configSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** "tls" from the first byte; "starttls" required before anything is said; "none" only on a network you trust. */
  security: z.enum(["tls", "starttls", "none"]).default("starttls"),
  user: z.string().optional(),
  password: z.string().optional(),
  /** PEM of a certificate authority of your own. */
  ca: z.string().optional(),
  from: z.email(),
  to: z.array(z.email()).min(1).max(20),
  /** The desk's own tag for the ticket, if it answers by one: put into later subjects, since some desks thread by nothing else. */
  subjectTag: z.string().max(64).optional(),
});

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
/** Header text is one line: a device's name must not add headers. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, 200);

/**
 * E-mail to a desk or to people. One message a step with a fixed Message-ID, so that a try after a lost connection is
 * recognisable; threaded by References; marked as automatic, so that no robot answers. Mail can't resolve a ticket.
 */
export const email = defineConnector({
  name: "email",
  title: "E-mail",
  abilities: { comment: true, resolve: true, reopen: true, find: false, read: false, linksAsset: false },
  tried: "real",
  configSchema,
  connect: (config) => {
    const transport = createTransport({
      host: config.host,
      port: config.port,
      secure: config.security === "tls",
      requireTLS: config.security === "starttls",
      ignoreTLS: config.security === "none",
      connectionTimeout: 15_000,
      greetingTimeout: 15_000,
      socketTimeout: 30_000,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(config.user === undefined ? {} : { auth: { user: config.user, pass: config.password ?? "" } }),
      ...(config.ca === undefined ? {} : { tls: { ca: config.ca } }),
    });
    const domain = config.from.split("@")[1] ?? "rollcall.invalid";
    const messageId = (content: TicketContent, step: string) =>
      `<${hash(`${content.key}\0${step}`)}.rollcall@${domain}>`;

    const send = async (
      step: string,
      lead: string,
      content: TicketContent,
      note: TicketNote | undefined,
    ): Promise<string> => {
      const first = messageId(content, "opened");
      const id = messageId(content, step);
      try {
        await transport.sendMail({
          from: { name: "Rollcall", address: config.from },
          to: [...config.to],
          subject: oneLine(`${config.subjectTag ? `${config.subjectTag} ` : ""}${lead}${content.subject}`),
          text: `${note?.text ?? content.text}\n\n-- \n${content.key}\n`,
          html: note?.html ?? content.html,
          messageId: id,
          ...(step === "opened" ? {} : { inReplyTo: first, references: [first] }),
          headers: {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Rollcall-Key": content.key,
          },
        });
        return id;
      } catch (error) {
        throw toDeskError(error);
      }
    };
    return createDesk("E-mail", {
      check: async () => {
        try {
          await transport.verify();
          return [finding(true, "the server takes our connection and login", "")];
        } catch (error) {
          return [finding(false, toDeskError(error).message, "check host, port, security, user and password")];
        }
      },
      create: async (content) => ({ ref: { id: await send("opened", "", content, undefined) } }),
      addNote: async (_ref, content, note) => {
        await send(note.id, "Re: ", content, note);
      },
      change: async (_ref, content, note, state) => {
        await send(note.id, state === "resolved" ? "Over: " : "Again: ", content, note);
      },
    });
  },
});

/** 4xx and lost connections are tried again, 5xx is final; after DATA the server may have it, and the Message-ID tells. */
const toDeskError = (error: unknown): DeskError => {
  const { responseCode, code, command, message } = error as {
    responseCode?: number;
    code?: string;
    command?: string;
    message?: string;
  };
  const reason = `mail server: ${oneLine(message ?? "failed")}`;
  if (responseCode !== undefined && responseCode >= 500 && responseCode !== 530 && responseCode !== 535)
    return new DeskError({ status: "rejected", reason });
  if (code === "EENVELOPE" && responseCode === undefined) return new DeskError({ status: "rejected", reason });
  return new DeskError({
    status: "retry",
    reason,
    ...(command === "DATA" ? { unclear: true } : {}),
    ...(code === "EAUTH" ? { afterMs: 300_000 } : {}),
  });
};
