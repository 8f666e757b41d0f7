/**
 * An error that is an HTTP answer. Isomorphic: islands may throw and catch it too.
 */

/**
 * Ends a request with a status: thrown anywhere below the handler, it becomes the response.
 *
 * The message is shown to the user where no error page is registered, so keep secrets out of it;
 * left out, it stays empty and the status text is shown.
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
