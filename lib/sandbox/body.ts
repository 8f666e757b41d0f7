/** Event streams that are generated frame by frame, only as fast as they are read. */

const encoder = new TextEncoder();

/**
 * Streams the frames of a generator. Ends cleanly when `closing` aborts, fails with the request's reason
 * when the request is aborted, and stops the generator when the reader disconnects.
 */
export function streamResponse(
  make: (signal: AbortSignal) => AsyncGenerator<string>,
  request: AbortSignal,
  closing: AbortSignal,
): Response {
  const stop = new AbortController();
  const source = make(AbortSignal.any([request, closing, stop.signal]));
  const body = new ReadableStream({
    async pull(controller) {
      try {
        request.throwIfAborted();
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        if (closing.aborted && !request.aborted) controller.close();
        else controller.error(error);
      }
    },
    async cancel() {
      stop.abort(new DOMException("The client disconnected", "AbortError"));
      await source.return(undefined);
    },
  }, { highWaterMark: 0 });
  // The API's own headers, not those of our streams.
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  });
}
