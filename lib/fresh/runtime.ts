/**
 * `fresh/runtime`: what islands and server code share. Every byte here may travel to the browser.
 */
import { assetUrls } from "./client/assets.ts";

export { HttpError } from "./http_error.ts";

/**
 * Whether this code runs in a browser.
 *
 * @example
 * ```ts
 * import { IS_BROWSER } from "fresh/runtime";
 * const width = IS_BROWSER ? innerWidth : 0;
 * ```
 */
export const IS_BROWSER: boolean = typeof document !== "undefined";

/**
 * The URL of a static file that may be cached for ever: root-relative paths get the file's content
 * hash. Paths of no known file come back unhashed.
 *
 * @example
 * ```ts
 * import { asset } from "fresh/runtime";
 * const href = asset("/style.css"); // "/style.css?__frsh_c=5f3a…"
 * ```
 */
export function asset(path: string): string {
  return assetUrls.of(path);
}

export { Head, type HeadProps } from "./client/head.ts";
