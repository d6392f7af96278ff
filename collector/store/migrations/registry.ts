/** In order; the position plus one is the schema's version. What was released is never edited, only followed. */
export { first as v0001 } from "./0001-first.ts";
export { assetSearch as v0002 } from "./0002-asset-search.ts";
export { undoing as v0003 } from "./0003-undoing.ts";
export { sharedLists as v0004 } from "./0004-shared-lists.ts";
export { identityIndexes as v0005 } from "./0005-identity-indexes.ts";
export { desks as v0006 } from "./0006-desks.ts";
export { places as v0007 } from "./0007-places.ts";
export { past as v0008 } from "./0008-past.ts";
export { sets as v0009 } from "./0009-sets.ts";
export { deviceMacs as v0010 } from "./0010-device-macs.ts";
export { presenceRows as v0011 } from "./0011-presence-rows.ts";
export { seals as v0012 } from "./0012-seals.ts";
export { books as v0013 } from "./0013-books.ts";
export { late as v0014 } from "./0014-late.ts";
export { lateAgain as v0015 } from "./0015-late-again.ts";
export { assetObservations as v0016 } from "./0016-asset-observations.ts";
export { keysByKind as v0017 } from "./0017-keys-by-kind.ts";
