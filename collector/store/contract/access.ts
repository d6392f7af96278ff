export const roles = ["viewer", "service-desk", "asset-manager", "administrator"] as const;
export type Role = (typeof roles)[number];

/** Secrets are kept as SHA-256 in hex only: they are long and random, so that a slow hash would add nothing. */
export type TokenRow = {
  readonly tokenId: string;
  readonly kind: "enrol" | "api";
  readonly secretHash: string;
  readonly name: string;
  /** For "api". */
  readonly role?: Role;
  /** For "enrol": how many agents it admits; absent: any number. */
  readonly maxUses?: number;
  /** For "enrol": agents it admits wait for a person. */
  readonly approval: boolean;
  readonly uses: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs?: number;
  readonly revokedAtMs?: number;
  readonly lastUsedAtMs?: number;
};

export type UserRow = {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  /** PHC string (argon2id); absent for who signs in by link only. */
  readonly passwordHash?: string;
  readonly createdAtMs: number;
  readonly disabledAtMs?: number;
};

export type SignInCodeRow = {
  readonly codeHash: string;
  readonly userId: string;
  readonly expiresAtMs: number;
  readonly usedAtMs?: number;
};

export type SessionRow = {
  readonly secretHash: string;
  readonly userId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
};

export type AccessRepository = {
  readonly token: (tokenId: string) => Promise<TokenRow | undefined>;
  readonly tokenByHash: (secretHash: string) => Promise<TokenRow | undefined>;
  readonly tokens: () => Promise<readonly TokenRow[]>;
  readonly putToken: (row: TokenRow) => Promise<void>;
  readonly user: (userId: string) => Promise<UserRow | undefined>;
  readonly userByName: (name: string) => Promise<UserRow | undefined>;
  readonly users: () => Promise<readonly UserRow[]>;
  readonly putUser: (row: UserRow) => Promise<void>;
  readonly code: (codeHash: string) => Promise<SignInCodeRow | undefined>;
  readonly putCode: (row: SignInCodeRow) => Promise<void>;
  readonly session: (secretHash: string) => Promise<SessionRow | undefined>;
  readonly putSession: (row: SessionRow) => Promise<void>;
  readonly dropSession: (secretHash: string) => Promise<void>;
  readonly dropExpired: (nowMs: number) => Promise<void>;
};

/** Every write that a person or a token made. `detail` never holds a secret. */
export type AuditRow = {
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type AuditRepository = {
  readonly add: (row: AuditRow) => Promise<void>;
  /** Newest first. */
  readonly latest: (limit: number) => Promise<readonly AuditRow[]>;
};

/** Small values by name: collector id, when it last ran, retention marks. */
export type MetaRepository = {
  readonly get: (name: string) => Promise<string | undefined>;
  readonly put: (name: string, value: string) => Promise<void>;
};
