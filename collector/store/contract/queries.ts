/** A query over assets that somebody keeps under a name. */
export type SavedQueryRow = {
  readonly queryId: string;
  /** Unique for its owner; case does not matter. */
  readonly name: string;
  readonly text: string;
  /** The name that its owner signs in by. */
  readonly owner: string;
  /** Everybody sees it; otherwise its owner alone does. */
  readonly shared: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly version: number;
};

export type SavedQueryRepository = {
  readonly get: (queryId: string) => Promise<SavedQueryRow | undefined>;
  readonly put: (row: SavedQueryRow) => Promise<void>;
  readonly remove: (queryId: string) => Promise<void>;
  /** By name. */
  readonly ofOwner: (owner: string) => Promise<readonly SavedQueryRow[]>;
  readonly sharedCount: () => Promise<number>;
};
