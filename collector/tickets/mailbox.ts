import { type Clock, withDeadline } from "../../shared/clock.ts";
import { RollcallError } from "../../shared/errors.ts";
import { excerpt } from "./http.ts";
import { type LineServer, type Lines, openLines } from "./lines.ts";

/** A mailbox that can be asked whether a message has arrived: IMAP4rev1 (RFC 3501), the few commands that this takes. */
export type MailboxServer = LineServer & {
  readonly user: string;
  readonly password: string;
  readonly folder: string;
};

const MAX_ANSWER_LINES = 1_000;
const TALK_MS = 30_000;

const refused = (doing: string, text: string): RollcallError =>
  new RollcallError("desk.mailbox", `${doing}: ${excerpt(text)}`, { remedy: "retry" });

/** A quoted string knows no line ends and only two escapes; what does not fit is refused by our schema. */
const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

const createCommands = (lines: Lines) => {
  let tag = 0;
  /** The untagged lines of one command's answer. */
  return async (command: string, doing: string): Promise<readonly string[]> => {
    const mine = `r${++tag}`;
    lines.write(`${mine} ${command}\r\n`);
    const answer: string[] = [];
    for (let n = 0; n < MAX_ANSWER_LINES; n++) {
      const line = await lines.read();
      if (!line.startsWith(`${mine} `)) {
        answer.push(line);
        continue;
      }
      if (!/^\S+ OK\b/i.test(line)) throw refused(doing, line.slice(mine.length + 1));
      return answer;
    }
    throw refused(doing, "the mailbox's answer has no end");
  };
};

/**
 * Opens the folder for reading only, and asks; nothing there is marked or moved.
 * @throws RollcallError `desk.mailbox`, `desk.lines`, `desk.refused`, `desk.tls`, all to be tried again
 */
const withFolder = <T>(
  server: MailboxServer,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: (run: ReturnType<typeof createCommands>) => Promise<T>,
): Promise<T> =>
  withDeadline(clock, TALK_MS, signal, async (within) => {
    const lines = await openLines(server, { clock, signal: within, maxLineBytes: 65_536, maxBytes: 1_048_576 });
    try {
      const hello = await lines.read();
      if (!/^\* OK\b/i.test(hello)) throw refused("connecting to the mailbox", hello);
      const run = createCommands(lines);
      if (server.security === "starttls") {
        await run("STARTTLS", "asking the mailbox for TLS");
        await lines.upgrade();
      }
      await run(`LOGIN ${quote(server.user)} ${quote(server.password)}`, "logging in to the mailbox");
      await run(`EXAMINE ${quote(server.folder)}`, `opening the folder ${server.folder}`);
      const result = await work(run);
      lines.write("bye LOGOUT\r\n");
      return result;
    } finally {
      lines.close();
    }
  });

type Deps = { readonly clock: Clock; readonly signal: AbortSignal };

/** Whether a message with this Message-ID lies in the folder. */
export const hasMessage = (server: MailboxServer, messageId: string, deps: Deps): Promise<boolean> =>
  withFolder(server, deps, async (run) => {
    const answer = await run(`UID SEARCH HEADER "Message-ID" ${quote(messageId)}`, "searching the mailbox");
    return answer.some((line) => /^\* SEARCH \d/i.test(line));
  });

export const tryMailbox = (server: MailboxServer, deps: Deps): Promise<void> =>
  withFolder(server, deps, async () => {});
