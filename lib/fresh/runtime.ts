/**
 * `fresh/runtime`: the API that islands and server code share. Islands ship what they import of it.
 */
import { assetUrls } from "./client/boot.ts";

export { Head, type HeadProps } from "./client/head.ts";

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
 * Returns a URL of a static file that browsers may cache forever: adds the content hash to
 * root-relative paths. Returns the path of an unknown file unchanged.
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

/**
 * Ends a request with a status: throw it anywhere below the handler to make it the response.
 *
 * Without an error page, users see the message, so keep secrets out of it. An empty message shows
 * the status text.
 *
 * @example
 * ```ts
 * import { HttpError } from "fresh";
 * const error = new HttpError(404, "No such task");
 * console.assert(error.status === 404);
 * ```
 */
export class HttpError extends Error {
  /** The response's status, 400 to 599. */
  readonly status: number;

  constructor(status: number, message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HttpError";
    this.status = status;
  }
}
