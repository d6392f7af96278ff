import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import type { Desk } from "../../collector/tickets/connector.ts";
import { email } from "../../collector/tickets/email.ts";
import { systemClock } from "../../shared/clock.ts";
import { deps } from "../support/fake-desks/products.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ticketContent } from "../support/ticket-content.ts";
import { createCertificates } from "../support/tls.ts";
import { until } from "../support/until.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

/** Mail servers and mailboxes that mean ill: whatever they say, it ends, memory stays flat, and no mail is lost. */

const signal = AbortSignal.timeout(600_000);
const call = { search: false, signal };
const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

const serve = async (
  talk: (socket: Socket) => void,
  make: (talk: (socket: Socket) => void) => Server = (listener) => createServer(listener),
  host = "127.0.0.1",
): Promise<number> => {
  const sockets = new Set<Socket>();
  const server = make((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    talk(socket);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
};

/** Says one thing without an end, as fast as it is read. */
const forEver = (socket: Socket, words: string) => {
  const part = Buffer.from(words.repeat(Math.ceil(65_536 / words.length)));
  const more = () => {
    while (!socket.destroyed && socket.write(part));
    if (!socket.destroyed) socket.once("drain", more);
  };
  more();
};

/** Answers each line by the first rule that fits it; the banner is the rule of "". */
const byRules = (rules: Readonly<Record<string, string | ((socket: Socket) => void)>>) => (socket: Socket) => {
  let isData = false;
  const answer = (line: string) => {
    const [, rule] =
      Object.entries(rules).find(([start]) => (start === "" ? line === "" : line.startsWith(start))) ?? [];
    if (rule === undefined) return;
    if (typeof rule === "string") socket.write(rule);
    else rule(socket);
  };
  answer("");
  let rest = "";
  socket.on("data", (part: Buffer) => {
    const lines = (rest + part.toString("latin1")).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (isData && line !== ".") continue;
      if (isData) isData = false;
      else if (line === "DATA") isData = true;
      answer(line);
    }
  });
};

const polite = {
  "": "220 mail.example.org\r\n",
  EHLO: "250-mail.example.org\r\n250 SIZE 1000000\r\n",
  MAIL: "250 ok\r\n",
  RCPT: "250 ok\r\n",
  DATA: "354 go on\r\n",
  ".": "250 taken\r\n",
};

const mailTo = (port: number, over: object = {}, clock = systemClock): Desk =>
  email.connect(
    email.configSchema.parse({
      ...{ host: "127.0.0.1", port, security: "none", from: "rollcall@example.org", to: ["desk@example.org"] },
      ...over,
    }),
    { ...deps, clock },
  );

describe("hostile mail servers", () => {
  it("are told from a polite one", async () => {
    const port = await serve(byRules(polite));
    expect(await mailTo(port).open(ticketContent(), call)).toMatchObject({ status: "delivered" });
  });

  it.each([
    ["a banner without an end of line", { "": (socket: Socket) => forEver(socket, "220 hello ") }],
    ["a banner of endless lines", { "": (socket: Socket) => forEver(socket, "220-hello\r\n") }],
    ["endless lines of abilities", { EHLO: (socket: Socket) => forEver(socket, "250-SIZE 1\r\n") }],
    ["an endless answer to DATA", { DATA: (socket: Socket) => forEver(socket, "354-go on\r\n") }],
  ])("end soon, with memory flat: %s", async (_name, rule) => {
    const port = await serve(byRules({ ...polite, ...rule }));
    const before = process.memoryUsage.rss();
    const delivery = await mailTo(port).open(ticketContent(), call);
    expect(delivery).toMatchObject({ status: "retry", unclear: false });
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1_048_576);
  });

  it("say nothing that is taken for a yes: a web server, a hang-up, words out of turn", async () => {
    const strangers = [
      (socket: Socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
      (socket: Socket) => void socket.end(),
      byRules({ ...polite, MAIL: "220 hello again\r\n" }),
    ];
    for (const talk of strangers) {
      const delivery = await mailTo(await serve(talk)).open(ticketContent(), call);
      expect(delivery).toMatchObject({ status: "retry" });
      expect(delivery).not.toMatchObject({ unclear: true });
    }
  });

  it("may drip for a minute before the message is theirs, and not longer", async () => {
    const clock = createVirtualClock();
    let drops = 0;
    const port = await serve((socket) => {
      const timer = setInterval(() => {
        drops++;
        socket.write("2");
      }, 5);
      socket.on("close", () => clearInterval(timer));
    });
    const sending = mailTo(port, {}, clock).open(ticketContent(), call);
    await until("it drips", () => drops > 2);
    await clock.advance(61_000);
    expect(await sending).toMatchObject({ status: "retry", unclear: false, reason: expect.stringContaining("slow") });
  });

  it("are given ten minutes to answer for a message that was handed over; then it may be theirs", async () => {
    const clock = createVirtualClock();
    let handedOver = false;
    const rules = {
      ...polite,
      ".": () => {
        handedOver = true;
      },
    };
    const sending = mailTo(await serve(byRules(rules)), {}, clock).open(ticketContent(), call);
    let ended = false;
    void sending.then(() => {
      ended = true;
    });
    await until("the message is handed over", () => handedOver);
    await clock.advance(590_000);
    expect(ended).toBe(false);
    await clock.advance(20_000);
    expect(await sending).toMatchObject({ status: "retry", unclear: true });
  });

  it("tell what becomes of a message by their last word", async () => {
    const answers: [string, object][] = [
      ["451 later\r\n", { status: "retry" }],
      ["554 never\r\n", { status: "rejected" }],
    ];
    for (const [words, outcome] of answers)
      expect(await mailTo(await serve(byRules({ ...polite, ".": words }))).open(ticketContent(), call)).toMatchObject(
        outcome,
      );
    const to = ["gone@example.org", "desk@example.org"];
    const rules = { "RCPT TO:<gone@example.org>": "550 gone\r\n", ...polite };
    expect(await mailTo(await serve(byRules(rules)), { to }).open(ticketContent(), call)).toMatchObject({
      status: "delivered",
      remark: expect.stringContaining("gone@example.org"),
    });
  });
});

describeWith("hostile mail servers over TLS", [{ program: "openssl" }], () => {
  it("get no word of a message when their certificate is for another name, or they offer no TLS", async () => {
    const own = createCertificates(temporaryFolder("mail-tls"));
    let heard = "";
    const listenTls = (talk: (socket: Socket) => void) => createTlsServer(own, talk);
    const port = await serve((socket) => socket.on("data", (part) => (heard += part)), listenTls, "127.0.0.2");
    const elsewhere = { host: "127.0.0.2", ca: own.ca, security: "tls" };
    expect(await mailTo(port, elsewhere).open(ticketContent(), call)).toMatchObject({
      ...{ status: "retry", unclear: false },
      reason: expect.stringContaining("for another name"),
    });
    expect(heard).toBe("");
    const plain = await serve(byRules({ ...polite, MAIL: () => (heard += "MAIL") }));
    expect(await mailTo(plain, { security: "starttls" }).open(ticketContent(), call)).toMatchObject({
      status: "retry",
      reason: expect.stringContaining("STARTTLS"),
    });
    // What is said in clear right behind the yes to STARTTLS could be anybody's (RFC 3207, 6).
    const injected = await serve(
      byRules({
        ...polite,
        EHLO: "250-mail\r\n250 STARTTLS\r\n",
        STARTTLS: "220 go on\r\n250-mail\r\n250 AUTH PLAIN\r\n",
        MAIL: () => (heard += "MAIL"),
      }),
    );
    expect(await mailTo(injected, { security: "starttls" }).open(ticketContent(), call)).toMatchObject({
      status: "retry",
      unclear: false,
    });
    expect(heard).toBe("");
  });
});

describe("hostile mailboxes", () => {
  it.each([
    ["speaks without an end", (socket: Socket) => forEver(socket, "* OK hello\r\n")],
    ["says one line without an end", (socket: Socket) => forEver(socket, "* OK hello ")],
    ["refuses the login", byRules({ "": "* OK hello\r\n", r1: "r1 NO never\r\n" })],
    ["hangs up", (socket: Socket) => void socket.end()],
  ])("keep a mail waiting, and are not taken for empty, when one %s", async (_name, talk) => {
    let mails = 0;
    const smtp = await serve(byRules({ ...polite, MAIL: () => void mails++ }));
    const mailbox = { host: "127.0.0.1", port: await serve(talk), security: "none", user: "u", password: "p" };
    const desk = mailTo(smtp, { mailbox });
    const before = process.memoryUsage.rss();
    expect(await desk.open(ticketContent(), { search: true, signal })).toMatchObject({ status: "retry" });
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1_048_576);
    expect(mails).toBe(0);
  });

  it("are asked by quoted words only, so that no name can become a command", () => {
    const config = { host: "127.0.0.1", port: 1, from: "a@example.org", to: ["b@example.org"] };
    const mailbox = { host: "127.0.0.1", port: 1, user: "u", password: 'p"\r\nr9 DELETE INBOX' };
    expect(() => email.configSchema.parse({ ...config, mailbox })).toThrow(/printable/);
  });
});
