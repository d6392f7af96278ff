import type { Lab } from "./lab.ts";

/** A frame that left the scanner. `to` is the address asked for or sent to; `kind` "arp-reply" for answers of the kernel's. */
export type Frame = {
  readonly atMs: number;
  readonly to: string;
  readonly kind: "arp" | "arp-reply" | "ip";
  readonly port?: number;
  readonly text: string;
};

const decode = (line: string): Frame | undefined => {
  const [stamp = "", ...rest] = line.split(" ");
  const atMs = Number(stamp) * 1_000;
  const text = rest.join(" ");
  const request = /ARP, Request who-has (\S+?)(?: \(|,| tell)/.exec(text);
  if (request?.[1]) return { atMs, to: request[1], kind: "arp", text };
  if (text.startsWith("ARP, Reply")) return { atMs, to: "", kind: "arp-reply", text };
  const packet = / > ([^ ]+?): /.exec(text);
  if (!packet?.[1] || !Number.isFinite(atMs)) return undefined;
  const v4 = /^(\d+\.\d+\.\d+\.\d+)(?:\.(\d+))?$/.exec(packet[1]);
  const v6 = /^([0-9a-f:]+)(?:\.(\d+))?$/.exec(packet[1]);
  const [, to, port] = v4 ?? v6 ?? [];
  return to === undefined
    ? undefined
    : { atMs, to, kind: "ip", text, ...(port !== undefined && { port: Number(port) }) };
};

/** Captures what leaves a host's eth0, from when it resolves until `stop`. */
export const startCapture = async (
  lab: Lab,
  host = "scanner",
): Promise<{ readonly stop: () => Promise<readonly Frame[]> }> => {
  const child = lab.spawn(host, ["tcpdump", "-i", "eth0", "-nn", "-tt", "-l", "-Q", "out", "-B", "16384"]);
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (data: string) => {
    text += data;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.stderr?.setEncoding("utf8").on("data", (data: string) => {
      if (data.includes("listening on")) resolve();
    });
  });
  return {
    stop: async () => {
      // What was captured is handed over by the kernel once a second at the latest.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      child.kill("SIGINT");
      await new Promise((resolve) => child.once("close", resolve));
      return text.split("\n").flatMap((line) => decode(line) ?? []);
    },
  };
};

/** The most frames in any window of this length. */
export const peakRate = (frames: readonly Frame[], windowMs: number): number => {
  const times = frames.map((f) => f.atMs).sort((a, b) => a - b);
  let [first, peak] = [0, 0];
  for (const [i, at] of times.entries()) {
    while ((times[first] as number) <= at - windowMs) first++;
    peak = Math.max(peak, i - first + 1);
  }
  return peak;
};
