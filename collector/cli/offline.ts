import { openDataFolder } from "../data-folder.ts";
import type { EngineClient } from "../engine/client.ts";
import { createEngineClient } from "../engine/client.ts";
import { createEngine } from "../engine/create-engine.ts";
import { quietWatch } from "../engine/quiet-watch.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import type { CliIo } from "./io.ts";

/**
 * An engine over a data folder for one short write, also beside a running collector: SQLite lets one write at a time, and
 * the collector reads what it needs anew.
 */
export const withEngine = async <T>(
  dataDirectory: string,
  io: CliIo,
  work: (engine: EngineClient) => Promise<T>,
): Promise<T> => {
  const { clock, random, failPoint } = io;
  const folder = openDataFolder(dataDirectory, { clock, random });
  const engine = createEngineClient(
    createEngine({
      store: openSqliteStore(folder.databasePath, { failPoint }),
      ...{ clock, random, log: io.createLog("warn"), watch: quietWatch },
      collectorId: folder.collectorId,
      collectorPublicKey: folder.publicKey,
    }),
  );
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
};
