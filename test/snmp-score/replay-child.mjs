// Serves some records of a corpus as SNMP agents on loopback, in a process of its own so that it shares no core with the
// probe. Told what to do by one message: { module, options }; answers { devices } and lives until disconnected.
process.on("message", async ({ module, options }) => {
  const { startReplay } = await import(module);
  const replay = await startReplay(options);
  process.send?.({ devices: replay.devices });
});
process.on("disconnect", () => process.exit(0));
