/** A run's stream on its way to strangers. */
import { encodeSSE, SSEParser } from "../../sse/mod.ts";
import { type Hide, publicEvent } from "./public.ts";

/** How often a stream asks whether its link still stands (ms): another process may have revoked it. */
const ASK_EVERY_MS = 5_000;

export interface PublicStreamOptions {
  /** Whether the link still stands. */
  readonly isShared: () => Promise<boolean>;
  /** Takes out what is the owner's alone, for this run. */
  readonly hide: Hide;
  readonly now: () => number;
}

/** Takes out of every event what is its owner's alone; comments go through. Ends with the link. */
export function publicStream(
  { isShared, hide, now }: PublicStreamOptions,
): TransformStream<Uint8Array, Uint8Array> {
  const encoder = new TextEncoder();
  let askedMs = now();
  let frames = "";
  const parser = new SSEParser({
    // Our own log: as large as the recorder let it become.
    maxLineBytes: Infinity,
    maxEventBytes: Infinity,
    onEvent({ id, event, data }) {
      const shown = publicEvent({ id: Number(id), received_ms: null, type: event, data }, hide);
      frames += encodeSSE({ id, event, data: shown.data });
    },
    onComment: (comment) => {
      // No blank line: what came without one goes on without one.
      frames += `: ${comment}\n`;
    },
  });
  return new TransformStream({
    async transform(chunk, controller) {
      if (now() - askedMs >= ASK_EVERY_MS) {
        askedMs = now();
        if (!await isShared()) return controller.terminate();
      }
      parser.push(chunk);
      if (frames !== "") controller.enqueue(encoder.encode(frames));
      frames = "";
    },
  });
}
