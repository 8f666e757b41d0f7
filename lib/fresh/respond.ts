/**
 * Responses from strings and iterables.
 */

const encoder = new TextEncoder();

/**
 * Makes a response with a text body. For HEAD, sets the length, because the body will be dropped.
 */
export function responseOf(
  req: Request,
  content: string,
  init: ResponseInit | undefined,
  type: string,
): Response {
  if (init?.headers === undefined && req.method !== "HEAD") {
    return new Response(content, { ...init, headers: { "content-type": type } });
  }
  const headers = new Headers(init?.headers);
  if (!headers.has("content-type")) headers.set("content-type", type);
  if (req.method === "HEAD") headers.set("content-length", `${encoder.encode(content).byteLength}`);
  return new Response(content, { ...init, headers });
}

/** Drops the body of a response, for `HEAD`. */
export function withoutBody(response: Response): Response {
  if (response.body === null) return response;
  // Tell a stream's source to stop; an error in its clean-up does not matter here.
  response.body.cancel().catch(() => {});
  return new Response(null, response);
}

/**
 * Changes a response's headers: in place, which keeps a string body a string, or in a copy if they
 * are immutable (`fetch`, `Response.redirect`).
 */
export function withHeaders(response: Response, change: (headers: Headers) => void): Response {
  try {
    change(response.headers);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const copy = new Response(response.body, response);
    change(copy.headers);
    return copy;
  }
}

/** Makes a byte stream from an iterable. */
export function streamOf(
  source: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  });
}
