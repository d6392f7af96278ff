/**
 * The number in every envelope. A collector reads its own and all older ones; an agent speaks one.
 *
 * History
 * - 1 (2026-11): first.
 */
export const PROTOCOL_VERSION = 1;
