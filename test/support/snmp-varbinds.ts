/** Varbinds and tables of tests, written as snmprec lines. */

import type { Varbind } from "../../agent/snmp/reader.ts";
import { readTables, type TableDefinition, type Tables } from "../../agent/snmp/table.ts";
import { createRecordReader, parseRecord } from "./snmp-record-reader.ts";

export const varbind = (line: string): Varbind => parseRecord(line)[0]!;
export const readerOf = (lines: string) => createRecordReader(parseRecord(lines.replace(/^\s+/gm, "")));
export const tablesOf = (
  lines: string,
  tables: readonly TableDefinition[],
  scalars: readonly string[] = [],
): Promise<Tables> => readTables(readerOf(lines), { tables, scalars });
