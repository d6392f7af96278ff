import { join } from "node:path";
import { openSqliteStore } from "../../collector/store/sqlite.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { describeStore } from "./store-suite.ts";

const folder = temporaryFolder("store");
let count = 0;
describeStore("sqlite on disk", () => openSqliteStore(join(folder, `${++count}.db`)));
describeStore("sqlite in memory", () => openSqliteStore(":memory:"));
