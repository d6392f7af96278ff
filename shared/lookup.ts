/**
 * What a table says of a word that came from outside. Indexing alone would also find what every object inherits: a device
 * whose maker is called "constructor" would have a function for its maker.
 */
export const lookup = <T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined =>
  word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
