import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Clock } from "../shared/clock.ts";
import type { EngineClient } from "./engine/client.ts";
import type { IngestCounts } from "./ingest/conversation.ts";
import type { Sessions } from "./ingest/sessions.ts";
import type { Reads } from "./store/reads.ts";

export type MetricsDeps = {
  readonly engine: EngineClient;
  readonly reads: Reads;
  readonly sessions: Sessions;
  readonly counts: IngestCounts;
  readonly clock: Clock;
};

/** Counting is the store's after a second: a scraper with a short interval must not be a load. */
const OVERVIEW_AGE_MS = 5_000;

/** Prometheus text of everything that is counted, read when it is asked for. */
export const createMetrics = ({ engine, reads, sessions, counts, clock }: MetricsDeps): (() => Promise<string>) => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  let overview: Awaited<ReturnType<Reads["overview"]>> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const labelled = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, n] of Object.entries(read())) this.set({ [label]: value }, n);
      },
    });

  gauge("rollcall_sessions", "Agents' sessions that are open now", sessions.count);
  gauge("rollcall_ingest_frames_total", "Frames received from agents", () => counts.frames);
  gauge("rollcall_ingest_bytes_total", "Octets of frames received from agents", () => counts.bytes);
  gauge("rollcall_ingest_batches_total", "Transactions that messages were committed in", () => engine.counts().batches);
  gauge("rollcall_ingest_waiting", "Messages that wait for the disk", () => engine.counts().waiting);
  labelled("rollcall_ingest_messages_total", "Messages by what came of them", "status", () => engine.counts().byStatus);
  labelled("rollcall_ingest_rejected_total", "Frames that came to nothing, by why", "code", () => counts.rejected);
  gauge("rollcall_assets", "Assets", () => overview?.assets ?? 0);
  labelled("rollcall_assets_by_presence", "Assets by presence", "presence", () => overview?.assetsByPresence ?? {});
  labelled("rollcall_agents", "Agents by state", "state", () => overview?.agentsByState ?? {});
  labelled("rollcall_incidents_open", "Open incidents by kind", "kind", () => overview?.openIncidentsByKind ?? {});
  gauge("rollcall_tickets_open", "Open tickets of the built-in queue", () => overview?.openTickets ?? 0);

  return async () => {
    if (clock.monotonic() - readAt >= OVERVIEW_AGE_MS) {
      overview = await reads.overview();
      readAt = clock.monotonic();
    }
    return registry.metrics();
  };
};
