import { utf8 } from "./read.ts";

/** A body that yields these chunks one at a time and records how it was used. */
export function body(chunks: readonly (string | Uint8Array)[], { open = false, fail }: {
  /** After the chunks: stay open (and silent). */
  open?: boolean;
  /** After the chunks: break with this. */
  fail?: unknown;
} = {}) {
  const seen = { pulled: 0, cancelled: undefined as { reason: unknown } | undefined };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = chunks[seen.pulled];
      if (chunk !== undefined) {
        seen.pulled++;
        controller.enqueue(typeof chunk === "string" ? utf8(chunk) : chunk);
      } else if (fail !== undefined) controller.error(fail);
      else if (!open) controller.close();
      else await new Promise<void>(() => {});
    },
    cancel(reason) {
      seen.cancelled = { reason };
    },
  }, { highWaterMark: 0 });
  return { stream, seen };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}
