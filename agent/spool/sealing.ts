import { hash16 } from "../../shared/protocol/hash.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { Sealed } from "./spool.ts";

export type SealingPlace = {
  readonly agentId: string;
  readonly instance: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly spooledAtMs: number;
};

/** The envelope's octets before the body. They are kept with the message: a later version of this program sends the same. */
export const sealHead = ({ agentId, instance, epoch, sequence, spooledAtMs }: SealingPlace): string =>
  `${JSON.stringify({ v: PROTOCOL_VERSION, agentId, instance, kind: "kept", epoch, sequence, spooledAtMs }).slice(0, -1)},"body":`;

export const sealJson = (head: string, bodyJson: string): string => `${head}${bodyJson}}`;

export const seal = (place: SealingPlace, bodyJson: string): Sealed & { readonly head: string } => {
  const head = sealHead(place);
  const json = sealJson(head, bodyJson);
  return { epoch: place.epoch, sequence: place.sequence, head, json, digest: hash16(json) };
};
