/** A way in for agents: authenticates, bounds and hands over; decides nothing. */
export type Listener = {
  readonly name: string;
  /** Connections, or agents spoken with where they share one. */
  readonly connections: () => number;
  /** Ends every session as "ours" and waits until the engine knows. */
  readonly stop: () => Promise<void>;
};
