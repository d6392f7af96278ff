/** Every source of software, in the order of the list. One line each. */
export { apk } from "./apk.ts";
export { appimage } from "./appimage.ts";
export { dpkg } from "./dpkg.ts";
export { flatpak } from "./flatpak.ts";
export { homebrew } from "./homebrew.ts";
export { npm } from "./npm.ts";
export { pacman } from "./pacman.ts";
export { pip } from "./pip.ts";
export { rpm } from "./rpm.ts";
export { snap } from "./snap.ts";
