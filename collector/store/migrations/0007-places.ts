/**
 * Where things are: what network devices say of their ports, as intervals (until_at NULL: as of their latest tables), their
 * networks, and who used an address before who uses it now.
 */
export const places = `
CREATE TABLE network_devices (
  asset_id TEXT PRIMARY KEY, realm TEXT NOT NULL, names TEXT NOT NULL, macs TEXT NOT NULL, learned_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE device_subnets (
  asset_id TEXT NOT NULL, cidr TEXT NOT NULL, realm TEXT NOT NULL, PRIMARY KEY (asset_id, cidr)) WITHOUT ROWID;

CREATE TABLE port_neighbours (
  row_no INTEGER PRIMARY KEY, asset_id TEXT NOT NULL, port TEXT NOT NULL, aliases TEXT NOT NULL, protocol TEXT NOT NULL,
  chassis_id TEXT NOT NULL, port_id TEXT NOT NULL, port_description TEXT, system_name TEXT, address TEXT,
  from_at INTEGER NOT NULL, until_at INTEGER);
CREATE INDEX port_neighbours_by_asset ON port_neighbours (asset_id, until_at);

CREATE TABLE port_macs (
  row_no INTEGER PRIMARY KEY, asset_id TEXT NOT NULL, kind TEXT NOT NULL, port TEXT NOT NULL, vlan INTEGER NOT NULL, mac TEXT NOT NULL,
  access_point TEXT, ssid TEXT, from_at INTEGER NOT NULL, until_at INTEGER);
CREATE INDEX port_macs_by_mac ON port_macs (mac);
CREATE INDEX port_macs_by_asset ON port_macs (asset_id, until_at, port);

CREATE TABLE address_uses (
  realm TEXT NOT NULL, address TEXT NOT NULL, asset_id TEXT NOT NULL, from_at INTEGER NOT NULL, until_at INTEGER NOT NULL,
  PRIMARY KEY (realm, address, asset_id, from_at)) WITHOUT ROWID;
CREATE INDEX asset_keys_ip ON asset_keys (realm, value) WHERE kind = 'ip';
-- Whoever drops an address key ends a use. Kept three years, and at most 64 for one address.
CREATE TRIGGER address_released AFTER DELETE ON asset_keys WHEN OLD.kind = 'ip' BEGIN
  INSERT OR REPLACE INTO address_uses VALUES (OLD.realm, OLD.value, OLD.asset_id, OLD.first_seen_at, OLD.last_seen_at);
  DELETE FROM address_uses WHERE realm = OLD.realm AND address = OLD.value AND (until_at < OLD.last_seen_at - 94608000000
    OR until_at < (SELECT until_at FROM address_uses WHERE realm = OLD.realm AND address = OLD.value ORDER BY until_at DESC LIMIT 1 OFFSET 63));
END;
`;
