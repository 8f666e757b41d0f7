/** A response body that is generated frame by frame, only as fast as it is read. */

const encoder = new TextEncoder();

/**
 * Streams the frames of a generator. Ends cleanly when `closing` aborts, fails with the request's reason
 * when the request is aborted, and stops the generator when the reader disconnects.
 */
export function streamBody(
  make: (signal: AbortSignal) => AsyncGenerator<string>,
  request: AbortSignal,
  closing: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stop = new AbortController();
  const onRequest = () => stop.abort(request.reason);
  const onClosing = () => stop.abort(closing.reason);
  request.addEventListener("abort", onRequest);
  closing.addEventListener("abort", onClosing);
  const release = () => {
    request.removeEventListener("abort", onRequest);
    closing.removeEventListener("abort", onClosing);
  };
  const source = make(stop.signal);
  return new ReadableStream({
    async pull(controller) {
      try {
        request.throwIfAborted();
        const { done, value } = await source.next();
        if (done) {
          release();
          controller.close();
        } else {
          controller.enqueue(encoder.encode(value));
        }
      } catch (error) {
        release();
        if (closing.aborted && !request.aborted) controller.close();
        else controller.error(error);
      }
    },
    async cancel() {
      release();
      stop.abort(new DOMException("The reader went away", "AbortError"));
      await source.return(undefined);
    },
  }, { highWaterMark: 0 });
}
