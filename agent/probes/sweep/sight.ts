import type { ProofOfSight } from "../../../shared/protocol/sweep.ts";

/** What a sweep knows of itself when it ends. */
export type SelfKnowledge = {
  /** A segment or the world behind the routers: how many of its addresses were asked, and how many hosts of it answered. */
  readonly groups: readonly { readonly name: string; readonly asked: number; readonly answered: number }[];
  readonly controls: ProofOfSight["controls"];
  readonly loss: number;
  /** Hosts whose answers that was measured on. */
  readonly lossHosts: number;
  /** The least number of asks, over all silent addresses that were asked at all. */
  readonly leastAsks: number;
  /** Silent targets that were not asked twice over a second or more. */
  readonly uncovered: number;
  readonly latenessMs: number;
  readonly tablePressure: number | undefined;
  readonly tableMisses: number;
  readonly lostDevices: readonly string[];
  readonly interrupted: boolean;
  /** A prefix of IPv6 too large to ask address by address. */
  readonly sparse6: boolean;
  readonly failures: ReadonlyMap<string, number>;
};

/** A living host that stays silent through all asks, with this chance, is one too many to trust a miss. */
const PARTLY_RESIDUAL = 0.01;
const BLIND_RESIDUAL = 0.3;
/** An observer that was away longer than the kernel asks has not watched what it reports. */
const MAX_LATENESS_MS = 2_000;

type Finding = { readonly weight: "partly" | "blind"; readonly reason: string };

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

const findGroups = ({ groups }: SelfKnowledge): Finding[] => {
  const silent = groups.filter((g) => g.asked > 0 && g.answered === 0);
  const weight = groups.every((g) => g.answered === 0) ? "blind" : "partly";
  return silent.map(({ name }) => ({
    weight,
    reason: `${name}: nothing answered, so nothing proves that anything could`,
  }));
};

/** What an ordinary segment loses, and as how many hosts' answers that counts: one late answer is no measurement. */
const USUAL_LOSS = 0.05;
const USUAL_HOSTS = 4;

/** The loss that was measured, drawn towards the usual one as far as few hosts told of it. */
export const likelyLoss = (loss: number, hosts: number): number =>
  (loss * hosts + USUAL_LOSS * USUAL_HOSTS) / (hosts + USUAL_HOSTS);

const findLoss = ({ loss, lossHosts, leastAsks }: SelfKnowledge): Finding[] => {
  const residual = leastAsks === 0 ? 0 : likelyLoss(loss, lossHosts) ** leastAsks;
  if (residual <= PARTLY_RESIDUAL) return [];
  const reason = `${percent(loss)} of the asks were lost, by the answers of ${lossHosts}: of living hosts ${percent(residual)} stay silent through ${leastAsks} asks`;
  return [{ weight: residual > BLIND_RESIDUAL ? "blind" : "partly", reason }];
};

const findControls = ({ controls }: SelfKnowledge): Finding[] => {
  const steady = controls.filter((c) => c.role === "neighbour");
  const silent = steady.filter((c) => !c.seen);
  if (steady.length < 2 || silent.length * 2 <= steady.length) return [];
  return [
    {
      weight: "partly",
      reason: `${silent.length} of ${steady.length} neighbours that were there before did not answer`,
    },
  ];
};

const faults: Readonly<Record<string, string>> = {
  ENETUNREACH: "there is no route to some of the targets",
  ENETDOWN: "the network is down",
  EACCES: "sending was forbidden by the system",
  EPERM: "sending was forbidden by a firewall of this host",
  EADDRNOTAVAIL: "no local address or port was left",
  EMFILE: "no file descriptor was left: raise the limit of open files",
  ENFILE: "no file descriptor was left on this host",
  ENOBUFS: "the kernel had no room for more packets",
};

const findRest = (known: SelfKnowledge): Finding[] => {
  const { uncovered, latenessMs, tableMisses, lostDevices, interrupted, sparse6, failures, groups } = known;
  const found: Finding[] = [];
  const add = (when: boolean, reason: string, weight: Finding["weight"] = "partly") =>
    when && found.push({ weight, reason });
  add(groups.length === 0 || groups.every((g) => g.asked === 0), "no address was asked", "blind");
  add(interrupted, "the sweep was stopped before its end");
  for (const device of lostDevices) add(true, `the interface ${device} went down or lost its address`);
  add(latenessMs > MAX_LATENESS_MS, `the observer itself was late by ${(latenessMs / 1_000).toFixed(1)} s`);
  add(
    uncovered > 0,
    `${uncovered} silent ${uncovered === 1 ? "address was" : "addresses were"} not asked twice over a second`,
  );
  add(uncovered > 0 && tableMisses > 0, "the kernel's neighbour table was full");
  for (const [code, times] of failures)
    add(true, `${faults[code] ?? "sending failed"} (${code}${times > 1 ? `, ${times} times` : ""})`);
  add(
    sparse6,
    "IPv6: addresses that are neither low-numbered nor made of a known MAC, of hosts silent to multicast, are out of reach",
  );
  return found;
};

/** Whether the sweep's silence may be believed, with a reason for all that speaks against it. Pure. */
export const judgeSight = (known: SelfKnowledge): ProofOfSight => {
  const findings = [...findGroups(known), ...findLoss(known), ...findControls(known), ...findRest(known)];
  const verdict = findings.some((f) => f.weight === "blind") ? "blind" : findings.length > 0 ? "partly" : "could-see";
  return {
    verdict,
    reasons: findings.map((f) => f.reason.slice(0, 256)).slice(0, 32),
    controls: known.controls.slice(0, 64),
    loss: known.loss,
    latenessMs: known.latenessMs,
    ...(known.tablePressure !== undefined && { tablePressure: known.tablePressure }),
  };
};
