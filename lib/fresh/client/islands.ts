/**
 * What every page with islands loads, in one module so that it is one chunk: islands are compiled
 * to take their JSX from here (build/bundle.ts). Several small files cost 100 bytes each, and compress worse.
 */
import { boot } from "./boot.ts";

export { Fragment, jsx, jsxs } from "./jsx.ts";
export { boot };

// Here, so that a page whose props are plain JSON needs no other entry.
boot();
