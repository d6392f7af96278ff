import { RollcallError } from "../../shared/errors.ts";
import type { SecretRow } from "../store/store.ts";
import type { SecretBox } from "./secrets.ts";

const PREFIX = "store:";

/**
 * Reads "store:NAME" from the secrets that were set by API or command line, and leaves every other reference to `readOther`.
 * The key is opened with the first of them only: without one no key is needed.
 * @throws RollcallError `secret.missing`, `secret.key`, `secret.unreadable`
 */
export const createSecretReader = (
  stored: readonly Pick<SecretRow, "name" | "sealed">[],
  openBox: () => SecretBox,
  readOther: (reference: string) => string,
): ((reference: string) => string) => {
  let box: SecretBox | undefined;
  return (reference) => {
    if (!reference.startsWith(PREFIX)) return readOther(reference);
    const name = reference.slice(PREFIX.length);
    const row = stored.find((one) => one.name === name);
    if (!row)
      throw new RollcallError(
        "secret.missing",
        `there is no stored secret "${name}": set it with rollcall-collector desk secret ${name} @FILE`,
      );
    box ??= openBox();
    return box.open(name, row.sealed);
  };
};
