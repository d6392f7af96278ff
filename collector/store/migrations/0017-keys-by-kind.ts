/**
 * One index of keys instead of two: by kind and value, who has a key is found, and the addresses of all assets lie together. An index
 * of addresses alone cost a page more with each of them that moved; and being partial, it had every statement with a kind to be
 * bound prepared anew at each execution.
 */
export const keysByKind = `
DROP INDEX asset_keys_ip;
DROP INDEX asset_keys_by_value;
CREATE INDEX asset_keys_by_kind ON asset_keys (kind, value);
`;
