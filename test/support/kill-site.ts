import type { Random } from "../../shared/random.ts";
import { type ChangingHost, createChangingHost, type PackageChange } from "./changing-host.ts";
import { type AgentProcess, type CollectorProcess, createAgentProcess } from "./processes.ts";

/** A host that changes, with the agent that reads it. */
export type Member = { readonly host: ChangingHost; readonly agent: AgentProcess };

/** The asset of an agent's host, once its first inventory has arrived. */
export const assetOf = async (
  collector: CollectorProcess,
  agentId: string,
  instance = 0,
): Promise<string | undefined> =>
  (await collector.get(`/agents/${agentId}`)).items.find((row: { instance: number }) => row.instance === instance)
    ?.assetId;

/** Every change of an asset's software that the API tells. */
export const softwareHistory = async (collector: CollectorProcess, assetId: string): Promise<PackageChange[]> => {
  const changes: PackageChange[] = [];
  for (let cursor: string | undefined = "", pages = 0; cursor !== undefined && pages < 1_000; pages++) {
    const page: { items: PackageChange[]; next?: string } = await collector.get(
      `/assets/${assetId}/changes?section=software&limit=200${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    changes.push(...page.items);
    cursor = page.next;
  }
  return changes;
};

export type MemberOptions = {
  readonly folder: string;
  readonly name: string;
  readonly collector: CollectorProcess;
  readonly token: string;
  readonly random: Random;
  readonly set?: readonly string[];
};

/** Enrolled, not started: quick rounds, quick reconnects, nothing but its own inventory. */
export const createMember = ({ folder, name, collector, token, random, set = [] }: MemberOptions): Member => {
  const host = createChangingHost(`${folder}/root`, random);
  const agent = createAgentProcess({
    folder: `${folder}/state`,
    name,
    collectorUrl: collector.url,
    token,
    set: [
      ...[`inventory.root=${host.root}`, "neighbours.enabled=false", "heartbeatSeconds=2", "log.level=warn"],
      ...["reconnect.minSeconds=0.2", "reconnect.maxSeconds=1", "reconnect.refusedSeconds=1"],
      ...set,
    ],
  });
  return { host, agent };
};
