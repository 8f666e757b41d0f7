import { LEFT, refusal, SSEError } from "./error.ts";
import type { Found, SSEEvent, SSEParserOptions } from "./event.ts";
import type { Closed, ConnectSSEInit, Requests } from "./init.ts";
import { inWords, isOffline, LONGEST_WAIT_MS, pause, systemTimers, timedOut } from "./wait.ts";

/** The content type that the standard requires. */
const EVENT_STREAM = /^\s*text\/event-stream\s*(;|$)/i;

/**
 * The core of `connectSSE`, for pages that must be small. You pass in how to make requests, handle refusals
 * and parse. Only the signal ends a pending `next`.
 *
 * @throws what `connectSSE` throws.
 *
 * @example
 * ```ts
 * import { followSSE, LeanParser } from "./mod.ts";
 *
 * const events = followSSE("/events", { repeat: false }, new AbortController().signal, {
 *   ask: (_url, _init, lastEventId, _signal) => // fetch(url, { headers, signal })
 *     Promise.resolve(
 *       new Response(`data: after ${lastEventId}\n\n`, {
 *         headers: { "content-type": "text/event-stream" },
 *       }),
 *     ),
 *   refused: (_error, { status }) => Promise.resolve(status === 503 ? 1000 : undefined),
 *   parser: (options) => new LeanParser(options),
 * });
 * for await (const { data } of events) if (data !== "after ") throw new Error(data);
 * ```
 */
export async function* followSSE(
  url: string,
  init: Omit<ConnectSSEInit, "signal">,
  signal: AbortSignal,
  { ask, refused, parser: parserOf }: Requests,
): AsyncGenerator<SSEEvent, undefined> {
  const {
    // Other methods may have side effects.
    repeat = /^(get|head)?$/i.test(init.method ?? "") ? undefined : false,
    isTerminal,
    isProgress = () => true,
    reconnect: {
      initialMs = 1000,
      maxMs = 30_000,
      maxAskedMs = 3_600_000,
      factor = 2,
      maxAttempts = 10,
      random = Math.random,
    } = {},
    idleTimeoutMs,
    onState,
    timers = systemTimers,
    network = globalThis,
  } = init;
  let lastId = init.lastEventId ?? "";
  let attempt = 0;
  let askedMs = 0;
  let closed: Omit<Closed, "state"> = { reason: "returned" };

  try {
    for (;;) {
      const connection = new AbortController();
      const { signal: ended } = connection;
      const abort = () => connection.abort(signal.reason);
      let error: SSEError | undefined;
      let retryAfterMs = 0;
      let timer: unknown;
      // The reason for ending the connection says more than the network's error.
      const fail = (cause: unknown) => {
        if (ended.aborted) throw ended.reason;
        if (cause instanceof SSEError) throw cause;
        throw new SSEError("network", inWords(cause), { cause, retryable: true });
      };

      try {
        signal.throwIfAborted();
        signal.addEventListener("abort", abort);
        onState?.({ state: "connecting", attempt });
        const response = await ask(url, init, lastId, ended).catch(fail);
        if (response.status === 204) {
          closed = { reason: "no-content" };
          return;
        }
        const reader = response.body?.getReader();
        // Also ends a pending read. The connection may have ended just before.
        const leave = () => reader?.cancel().catch(() => {});
        ended.addEventListener("abort", leave);
        if (ended.aborted) leave();
        error = refusal(response, EVENT_STREAM);
        if (error) {
          const leastMs = await refused(error, response, reader, leave);
          error.retryable = leastMs !== undefined;
          if (leastMs === undefined) throw error;
          retryAfterMs = leastMs;
        } else {
          onState?.({ state: "open", response });
          const found: Found[] = [];
          const onEvent = (item: Found) => found.push(item);
          const options: SSEParserOptions = {
            ...init,
            onEvent,
            lastEventId: lastId,
            onRetry(ms) {
              askedMs = ms;
              init.onRetry?.(ms);
            },
          };
          const parser = parserOf(options, onEvent);
          for (;;) {
            // Measure only the time that the server takes: a slow consumer is not a silent server.
            timer = idleTimeoutMs && timers.setTimeout(
              () => connection.abort(timedOut("silence", idleTimeoutMs)),
              idleTimeoutMs,
            );
            const chunk = await reader?.read().catch(fail);
            timers.clearTimeout(timer);
            ended.throwIfAborted();
            if (!chunk?.value) break;
            try {
              parser.push(chunk.value);
            } catch (error) {
              // Throw it after the events before it.
              found.push(() => {
                throw error;
              });
            }
            for (const item of found.splice(0)) {
              if (typeof item === "function") item();
              else {
                lastId = item.id;
                if (isProgress(item)) attempt = 0;
                yield item;
                if (isTerminal?.(item)) {
                  closed = { reason: "terminal" };
                  return;
                }
              }
              ended.throwIfAborted();
            }
            // Events without data change the id too.
            lastId = parser.lastEventId;
          }
          if (!(repeat ?? (isTerminal || lastId))) {
            if (isTerminal) {
              throw new SSEError("incomplete", "no terminal event at the end", {
                retryable: true,
              });
            }
            closed = { reason: "ended" };
            return;
          }
        }
      } catch (thrown) {
        signal.throwIfAborted();
        const passing = thrown instanceof SSEError && /timeout|network/.test(thrown.kind);
        if (!passing) throw thrown;
        error = thrown;
      } finally {
        timers.clearTimeout(timer);
        signal.removeEventListener("abort", abort);
        connection.abort(LEFT);
      }

      if (error && repeat === false) throw error;
      if (attempt >= maxAttempts) {
        throw new SSEError(
          "attempts",
          `gave up on ${url} after ${attempt} reconnections: ${
            error?.message ?? "the stream ends"
          }`,
          { cause: error, retryable: true },
        );
      }
      const most = Math.min(maxMs, initialMs * factor ** attempt++);
      const asked = Math.max(askedMs, retryAfterMs);
      const wait = Math.min(LONGEST_WAIT_MS, Math.min(maxAskedMs, asked) + random() * most);
      const offline = isOffline(network);
      onState?.({
        state: "waiting",
        attempt,
        ms: wait,
        ...(asked > maxAskedMs && { askedMs: asked }),
        offline,
        ...(error && { error }),
      });
      await pause(wait, timers, network, signal);
    }
  } catch (error) {
    if (signal.reason === LEFT) return;
    closed = { reason: signal.aborted ? "aborted" : "failed", error };
    throw error;
  } finally {
    onState?.({ state: "closed", ...closed });
  }
}
