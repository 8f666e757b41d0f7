import type { ConnectSSEInit, ConnectState } from "../../../lib/sse/mod.ts";
import { body } from "./body.ts";
import { FakeTimers } from "./timers.ts";

export const TYPE = { "content-type": "text/event-stream; charset=utf-8" };

/** What the other side does with one request. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** A stream of these chunks that then ends, breaks or stays open. */
export const stream =
  (chunks: readonly string[], how: { open?: boolean; fail?: unknown } = {}): Answer => () =>
    new Response(body(chunks, how).stream, { headers: TYPE });

export const status = (code: number, headers: Record<string, string> = {}): Answer => () =>
  new Response(code === 204 ? null : "no", { status: code, headers });

/**
 * An other side that answers request after request from a list, a clock that jumps over every wait
 * before a reconnection, and a record of it all.
 */
export function upstream(answers: readonly Answer[], given: ConnectSSEInit = {}) {
  const timers = new FakeTimers();
  const requests: Request[] = [];
  const states: ConnectState[] = [];
  const init: ConnectSSEInit = {
    timers,
    network: {},
    ...given,
    reconnect: { random: () => 1, ...given.reconnect },
    async fetch(url, { signal, ...rest }) {
      const request = new Request(url, rest);
      const answer = answers[requests.push(request) - 1];
      if (!answer) throw new TypeError("connection refused");
      signal?.throwIfAborted();
      return await answer(request);
    },
    onState(state) {
      states.push(state);
      if (state.state === "waiting") queueMicrotask(() => timers.advance(state.ms));
      given.onState?.(state);
    },
  };
  const waits = () => states.flatMap((state) => state.state === "waiting" ? [state.ms] : []);
  const names = () => states.map((state) => state.state);
  return { init, timers, requests, states, waits, names };
}
