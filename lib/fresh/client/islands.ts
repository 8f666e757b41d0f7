/**
 * Entry of every page with islands, and the module that islands import their JSX from
 * (build/bundle.ts). One module makes one chunk: several small chunks cost 100 bytes each and compress
 * worse.
 */
import { boot } from "./boot.ts";

export { boot, Fragment, jsx, jsxs } from "./boot.ts";

// Hydrates the page here, so that plain JSON props need no other entry.
boot();
