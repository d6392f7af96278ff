import type { Clock } from "../shared/clock.ts";

/** Each command once, so many an hour, two at a time. */
export const createCommandGate = ({
  clock,
  perHour,
}: {
  readonly clock: Pick<Clock, "now">;
  readonly perHour: number;
}) => {
  const seen = new Set<string>();
  let recent: number[] = [];
  let running = 0;
  const MAX_SEEN = 4_096;
  const MAX_RUNNING = 2;
  return {
    /** "again" for one that was taken before; else a refusal's reason, or undefined when it may run. */
    enter: (commandId: string): "again" | { readonly refused: string } | undefined => {
      if (seen.has(commandId)) return "again";
      seen.add(commandId);
      if (seen.size > MAX_SEEN) for (const first of [...seen].slice(0, MAX_SEEN / 2)) seen.delete(first);
      const now = clock.now();
      recent = recent.filter((at) => now - at < 3_600_000);
      if (recent.length >= perHour) return { refused: `more than ${perHour} commands in an hour (commands.perHour)` };
      if (running >= MAX_RUNNING) return { refused: "two commands are being carried out already" };
      recent.push(now);
      running++;
      return undefined;
    },
    leave: () => {
      running--;
    },
  };
};
