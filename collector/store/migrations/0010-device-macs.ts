/** MACs of network devices, found by themselves: `network_devices.macs` row by row, kept so by its triggers. */
export const deviceMacs = `
CREATE TABLE device_macs (
  mac TEXT NOT NULL, realm TEXT NOT NULL, asset_id TEXT NOT NULL, PRIMARY KEY (mac, realm, asset_id)) WITHOUT ROWID;
INSERT OR IGNORE INTO device_macs SELECT m.value, n.realm, n.asset_id FROM network_devices n, json_each(n.macs) m;
CREATE TRIGGER device_macs_added AFTER INSERT ON network_devices BEGIN
  INSERT OR IGNORE INTO device_macs SELECT value, NEW.realm, NEW.asset_id FROM json_each(NEW.macs);
END;
CREATE TRIGGER device_macs_changed AFTER UPDATE ON network_devices WHEN OLD.macs <> NEW.macs OR OLD.realm <> NEW.realm BEGIN
  DELETE FROM device_macs WHERE asset_id = OLD.asset_id AND mac IN (SELECT value FROM json_each(OLD.macs));
  INSERT OR IGNORE INTO device_macs SELECT value, NEW.realm, NEW.asset_id FROM json_each(NEW.macs);
END;
CREATE TRIGGER device_macs_removed AFTER DELETE ON network_devices BEGIN
  DELETE FROM device_macs WHERE asset_id = OLD.asset_id AND mac IN (SELECT value FROM json_each(OLD.macs));
END;
`;
