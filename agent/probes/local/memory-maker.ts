/** JEDEC JEP-106 codes that firmware writes in place of a name, e.g. "00CE00B300CE" or "80CE". First two bytes decide. */
const jedec: Readonly<Record<string, string>> = {
  "00ce": "Samsung",
  "80ce": "Samsung",
  "00ad": "SK Hynix",
  "80ad": "SK Hynix",
  "002c": "Micron",
  "802c": "Micron",
  "0198": "Kingston",
  "859b": "Crucial",
  "029e": "Corsair",
  "04cd": "G.Skill",
  "04cb": "A-DATA",
  "0b83": "Nanya",
}; // biome format: keep as a table

export const memoryMaker = (text: string | undefined): string | undefined =>
  text !== undefined && /^(0x)?[0-9a-f]{4,}$/i.test(text)
    ? (jedec[text.replace(/^0x/i, "").slice(0, 4).toLowerCase()] ?? text)
    : text;
