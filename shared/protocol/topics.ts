import { createHash } from "node:crypto";

/**
 * MQTT topics of protocol 1. Upward messages are dealt over 64 partitions, so that each collector of several can lease
 * some and still sees every agent's messages in order; the way down has the agent's own topic.
 */
export const PARTITIONS = 64;

/** First four octets of SHA-256 over the agent's id, big-endian, modulo 64. */
export const partitionOf = (agentId: string): number =>
  createHash("sha256").update(agentId).digest().readUInt32BE(0) % PARTITIONS;

export const upTopic = (agentId: string): string => `rollcall/1/up/${partitionOf(agentId)}/${agentId}`;
export const downTopic = (agentId: string): string => `rollcall/1/down/${agentId}`;

/** All agents, or the agents of one partition. */
export const upFilter = (partition?: number): string => `rollcall/1/up/${partition ?? "+"}/+`;

/** The agent's id of an upward topic; undefined for topics of other shapes and for a wrong partition. */
export const agentIdOfTopic = (topic: string): string | undefined => {
  const match = /^rollcall\/1\/up\/(\d{1,2})\/([^/+#]{1,64})$/.exec(topic);
  return match?.[2] !== undefined && partitionOf(match[2]) === Number(match[1]) ? match[2] : undefined;
};
