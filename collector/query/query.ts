/**
 * What a person asks of the assets, as it was written: the tree that `parse` gives and `print` writes back.
 * What it means is in `condition.ts`.
 */
export type Query =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly parts: readonly Query[] }
  | { readonly kind: "not"; readonly part: Query }
  /** Looked for in all that people know a device by. */
  | { readonly kind: "word"; readonly text: string }
  | Compare;

/** `field` as in `fields.ts`, in its first name; any of `values` will do. */
export type Compare = {
  readonly kind: "compare";
  readonly field: string;
  readonly operator: Operator;
  readonly values: readonly string[];
  /** Versions of what `values` name: software:openssl>=3<3.0.13 has two. */
  readonly bounds: readonly Bound[];
};

/** In the order in which they are looked for: none is hidden by one that it begins with. */
export const operators = ["<=", ">=", "!=", "!~", "<", ">", "=", "~", ":"] as const;
export type Operator = (typeof operators)[number];

export type Bound = { readonly operator: "<" | "<=" | ">" | ">=" | "="; readonly value: string };

/** More than these is no question that a person asks. */
export const limits = { chars: 2_048, depth: 24, terms: 64, values: 64 } as const;

/** Where a query is wrong: `position` counts UTF-16 units from 0. The message says what was expected there. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly position: number;
  readonly length: number;

  constructor(message: string, position: number, length = 1) {
    super(message);
    this.position = position;
    this.length = length;
  }
}
