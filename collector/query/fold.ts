/** As SQLite's lower(): ASCII only, so that both sides of a comparison agree. */
export const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
