import { toTimestamp } from "../../../../shared/clock.ts";
import { compact } from "../text.ts";
import { ANY, defineSource, type Software } from "./source.ts";

/** "Inkscape-1.3.2-x86_64.AppImage", "nvim-linux-x86_64.appimage": name, version and architecture as far as the file's name tells. */
export const parseAppImageName = (
  file: string,
): { readonly name: string; readonly version: string | undefined; readonly architecture: string } | undefined => {
  const stem = /^(.+)\.appimage$/i.exec(file)?.[1];
  if (stem === undefined) return undefined;
  const architecture = /[-_.](x86_64|amd64|aarch64|arm64|armhf|i[36]86)\b/i.exec(stem)?.[1]?.toLowerCase();
  const rest = architecture === undefined ? stem : stem.replace(new RegExp(`[-_.]${architecture}`, "i"), "");
  const version = /[-_]v?(\d+(?:[.\-+]\w+)*)$/.exec(rest);
  return {
    name: (version ? rest.slice(0, version.index) : rest) || stem,
    version: version?.[1],
    architecture: architecture ?? ANY,
  };
};

const FOLDERS = ["/opt", "/opt/appimages", "/usr/local/bin", "/Applications"];

/** AppImages where they are put for everybody. Homes are people's: we do not look there. */
export const appimage = defineSource({
  name: "appimage",
  read: ({ tree }): Software[] => {
    const found = FOLDERS.flatMap((folder) =>
      tree.list(folder).flatMap((file) => {
        const parsed = parseAppImageName(file);
        if (parsed === undefined) return [];
        const modified = tree.modifiedAtMs(`${folder}/${file}`);
        const installedAt = modified === undefined ? undefined : toTimestamp(modified);
        return [compact({ manager: "appimage", ...parsed, installedAt, location: `${folder}/${file}` })];
      }),
    );
    const count = Map.groupBy(found, ({ name, architecture }) => `${name} ${architecture}`);
    return found.map((item) =>
      (count.get(`${item.name} ${item.architecture}`)?.length ?? 0) > 1 ? { ...item, instance: item.location } : item,
    );
  },
});
