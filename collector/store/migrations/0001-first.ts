/** The first schema. Times are epoch milliseconds; JSON is kept where nothing is searched by it. */
export const first = `
CREATE TABLE agents (
  agent_id TEXT NOT NULL, instance INTEGER NOT NULL, name TEXT NOT NULL, public_key TEXT NOT NULL,
  state TEXT NOT NULL, state_since INTEGER NOT NULL, enrolled_at INTEGER NOT NULL, approved_at INTEGER, revoked_at INTEGER,
  asset_id TEXT, version TEXT, platform TEXT, uplink TEXT, session TEXT, last_heard_at INTEGER, heartbeat_ms REAL,
  clock_offset_ms REAL, lateness_ms REAL, hello_clock TEXT, round_at INTEGER, close_kind TEXT, goodbye TEXT,
  epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, digest TEXT, root TEXT, scopes TEXT NOT NULL,
  PRIMARY KEY (agent_id, instance)) WITHOUT ROWID;
CREATE INDEX agents_by_key ON agents (public_key);
CREATE INDEX agents_by_asset ON agents (asset_id);

CREATE TABLE commands (
  command_id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, instance INTEGER NOT NULL, command TEXT NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, state TEXT NOT NULL, answer TEXT) WITHOUT ROWID;
CREATE INDEX commands_open ON commands (agent_id, instance, state);

CREATE TABLE streams (
  stream_no INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, instance INTEGER NOT NULL, stream TEXT NOT NULL, source TEXT NOT NULL,
  subject TEXT NOT NULL, asset_id TEXT, root TEXT NOT NULL, observed_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  UNIQUE (agent_id, instance, stream));
CREATE INDEX streams_by_asset ON streams (asset_id);

-- items: JSON [[key, hash, item], ...], compressed by zstd where that saves something (packed = 1).
-- patch: JSON of what has changed since items was written, or NULL.
CREATE TABLE sections (
  stream_no INTEGER NOT NULL, section TEXT NOT NULL, hash TEXT NOT NULL, item_count INTEGER NOT NULL,
  observed_at INTEGER NOT NULL, gone_at INTEGER, failure TEXT, packed INTEGER NOT NULL, items BLOB NOT NULL, patch TEXT,
  PRIMARY KEY (stream_no, section));

CREATE TABLE assets (
  asset_id TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, manufacturer TEXT, model TEXT, serial_number TEXT,
  os_name TEXT, os_version TEXT, primary_address TEXT, primary_mac TEXT, realm TEXT NOT NULL, site TEXT,
  lifecycle TEXT NOT NULL, criticality TEXT NOT NULL, presence TEXT NOT NULL, presence_since INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, agent_id TEXT, instance INTEGER, sources TEXT NOT NULL,
  software_count INTEGER, provisional INTEGER, locked TEXT NOT NULL, merged_into TEXT, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX assets_by_name ON assets (name COLLATE NOCASE, asset_id);
CREATE INDEX assets_by_last_seen ON assets (last_seen_at, asset_id);
CREATE INDEX assets_by_presence ON assets (presence, asset_id);

CREATE TABLE asset_keys (
  asset_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, vendor TEXT NOT NULL DEFAULT '', realm TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
  PRIMARY KEY (asset_id, kind, value, vendor, realm)) WITHOUT ROWID;
CREATE INDEX asset_keys_by_value ON asset_keys (value, kind);

CREATE TABLE accepted_sections (
  asset_id TEXT NOT NULL, section TEXT NOT NULL, stream_no INTEGER NOT NULL,
  PRIMARY KEY (asset_id, section)) WITHOUT ROWID;

CREATE TABLE decisions (
  decision_id TEXT PRIMARY KEY, kind TEXT NOT NULL, asset_id TEXT NOT NULL, other_asset_id TEXT, agent_id TEXT, stream_no INTEGER,
  rule TEXT NOT NULL, by_hand INTEGER NOT NULL, keys TEXT NOT NULL, explanation TEXT NOT NULL, at INTEGER NOT NULL,
  undone_at INTEGER) WITHOUT ROWID;
CREATE INDEX decisions_by_asset ON decisions (asset_id, at);

CREATE TABLE changes (
  change_no INTEGER PRIMARY KEY, change_id TEXT NOT NULL UNIQUE, asset_id TEXT NOT NULL, kind TEXT NOT NULL, section TEXT NOT NULL,
  item_key TEXT NOT NULL, field TEXT, before TEXT, after TEXT, observed_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  actor TEXT NOT NULL, weight TEXT NOT NULL, folded INTEGER);
CREATE INDEX changes_by_asset ON changes (asset_id, change_no);
CREATE INDEX changes_by_time ON changes (recorded_at);

CREATE TABLE observations (
  observation_no INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, instance INTEGER NOT NULL, method TEXT NOT NULL, realm TEXT NOT NULL,
  subject_id TEXT NOT NULL, keys TEXT NOT NULL, asset_id TEXT, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  count INTEGER NOT NULL, longest_gap_ms INTEGER NOT NULL, via TEXT);
CREATE INDEX observations_by_subject ON observations (agent_id, instance, method, realm, subject_id, last_at);
CREATE INDEX observations_by_asset ON observations (asset_id, last_at);

CREATE TABLE sweeps (
  sweep_id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, instance INTEGER NOT NULL, scope TEXT NOT NULL, realm TEXT NOT NULL,
  started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, verdict TEXT NOT NULL, coverage TEXT NOT NULL, proof TEXT NOT NULL,
  address_count INTEGER NOT NULL, sighting_count INTEGER NOT NULL, command_id TEXT) WITHOUT ROWID;
CREATE INDEX sweeps_by_realm ON sweeps (realm, ended_at);
CREATE INDEX sweeps_by_observer ON sweeps (agent_id, instance, scope, ended_at);

-- From here to outbox: columns that are searched, and the whole row as JSON in body.
CREATE TABLE presence (
  asset_id TEXT PRIMARY KEY, realm TEXT, address_key TEXT, parent_id TEXT, observer_id TEXT, state TEXT NOT NULL, due_ms INTEGER,
  body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX presence_due ON presence (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX presence_by_address ON presence (realm, address_key);
CREATE INDEX presence_by_parent ON presence (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX presence_by_observer ON presence (observer_id) WHERE observer_id IS NOT NULL;
CREATE INDEX presence_by_state ON presence (state);

CREATE TABLE observers (agent_id TEXT PRIMARY KEY, due_ms INTEGER, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX observers_due ON observers (due_ms) WHERE due_ms IS NOT NULL;

CREATE TABLE incidents (
  incident_id TEXT PRIMARY KEY, kind TEXT NOT NULL, condition TEXT NOT NULL, asset_id TEXT, agent_id TEXT, parent_id TEXT,
  state TEXT NOT NULL, opened_at TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
-- One episode at a time: the store itself holds what the core promises.
CREATE UNIQUE INDEX incidents_current ON incidents (condition) WHERE state <> 'resolved';
CREATE INDEX incidents_by_condition ON incidents (condition, opened_at);
CREATE INDEX incidents_by_asset ON incidents (asset_id, state);
CREATE INDEX incidents_by_agent ON incidents (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX incidents_by_state ON incidents (state, opened_at);
CREATE INDEX incidents_by_parent ON incidents (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE evidence (evidence_no INTEGER PRIMARY KEY, incident_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX evidence_by_incident ON evidence (incident_id, evidence_no);

CREATE TABLE tickets (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, incident_id TEXT NOT NULL, asset_id TEXT, state TEXT NOT NULL,
  body TEXT NOT NULL);
CREATE INDEX tickets_by_incident ON tickets (incident_id);
CREATE INDEX tickets_by_state ON tickets (state, number);

CREATE TABLE ticket_events (event_no INTEGER PRIMARY KEY, number INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX ticket_events_by_number ON ticket_events (number, event_no);

CREATE TABLE outbox (
  outbox_no INTEGER PRIMARY KEY AUTOINCREMENT, outbox_id TEXT NOT NULL UNIQUE, connector TEXT NOT NULL, key TEXT NOT NULL,
  due_ms INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX outbox_by_key ON outbox (connector, key, outbox_no);
CREATE TABLE ticket_links (
  connector TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (connector, key)) WITHOUT ROWID;

CREATE TABLE tokens (
  token_id TEXT PRIMARY KEY, kind TEXT NOT NULL, secret_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT, max_uses INTEGER,
  approval INTEGER NOT NULL, uses INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER,
  revoked_at INTEGER, last_used_at INTEGER) WITHOUT ROWID;

CREATE TABLE users (
  user_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL, password_hash TEXT,
  created_at INTEGER NOT NULL, disabled_at INTEGER) WITHOUT ROWID;
CREATE TABLE sign_in_codes (
  code_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) WITHOUT ROWID;
CREATE TABLE user_sessions (
  secret_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE audit (
  audit_no INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;
