import type { QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { systemClock } from "../../shared/clock.ts";
import type { LiveEvent } from "../../shared/model/overview.ts";

/** Events are gathered this long before the pages ask again: a busy site changes many times a second, a reader does not. */
const GATHER_MS = 400;

/** Which queries an event makes old: the first part of their key. */
const topics: Readonly<Record<LiveEvent["kind"], string>> = {
  asset: "assets",
  changes: "changes",
  agent: "agents",
  sweep: "agents",
  incident: "incidents",
  ticket: "tickets",
};

export type LiveState = "connecting" | "live" | "lost";

/**
 * Keeps the shown data fresh: the server's events say which topics are new, the queries of those topics that are on the
 * screen are asked again. The browser reconnects by itself; after a gap everything shown is asked again.
 */
export const useLive = (queryClient: QueryClient): LiveState => {
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const source = new EventSource("/api/v1/events");
    const waiting = new Set<string>();
    let cancel: (() => void) | undefined;
    let wasLost = false;
    const flush = () => {
      cancel = undefined;
      for (const topic of waiting) void queryClient.invalidateQueries({ queryKey: [topic] });
      if (waiting.size > 0) void queryClient.invalidateQueries({ queryKey: ["overview"] });
      // A verdict makes proposals, and an incident's news go to desks.
      if (waiting.has("incidents"))
        for (const topic of ["proposals", "desks"])
          void queryClient.invalidateQueries({ queryKey: [topic, ...(topic === "desks" ? ["list"] : [])] });
      waiting.clear();
    };
    source.onopen = () => {
      setState("live");
      if (wasLost) void queryClient.invalidateQueries();
      wasLost = false;
    };
    source.onerror = () => {
      wasLost = true;
      setState("lost");
    };
    for (const [kind, topic] of Object.entries(topics)) {
      source.addEventListener(kind, () => {
        waiting.add(topic);
        cancel ??= systemClock.after(GATHER_MS, flush);
      });
    }
    return () => {
      cancel?.();
      source.close();
    };
  }, [queryClient]);
  return state;
};
