import { PackageURL } from "packageurl-js";

export type Purl = {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
};

/** A package URL (package-url/purl-spec); undefined where the parts make no valid one. Empty qualifiers are left out. */
export const formatPurl = ({ type, namespace, name, version, qualifiers = {} }: Purl): string | undefined => {
  const given = Object.entries(qualifiers).filter(([, value]) => value !== undefined && value !== "");
  try {
    return new PackageURL(
      type,
      namespace,
      name,
      version,
      Object.fromEntries(given) as Record<string, string>,
      null,
    ).toString();
  } catch {
    return undefined;
  }
};
