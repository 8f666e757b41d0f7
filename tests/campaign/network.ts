/** A faulty network between two ends of a body. */
import type { Random } from "./random.ts";

/** The faults of one body in transit. */
export interface NetworkPlan {
  /** The number of bytes after which … (`Infinity`: never). */
  readonly cutAt: number;
  /** … the body ends normally, breaks, or stays silent. */
  readonly how: "end" | "reset" | "stall";
  /** Pieces: as they were sent, single bytes, or of any length. */
  readonly pieces: "whole" | "bytes" | "random";
  /** Each piece takes up to this long (ms). */
  readonly delayMs: number;
  /** Called when it is cut. */
  readonly onCut?: () => void;
}

/** A network that behaves. */
export const GOOD: NetworkPlan = { cutAt: Infinity, how: "end", pieces: "whole", delayMs: 0 };

/** The dependencies of a network. */
export interface NetworkOptions {
  readonly plan: NetworkPlan;
  readonly random: Random;
  readonly time: { setTimeout(run: () => void, ms: number): unknown };
  /** Breaks the body from outside: one end died. */
  readonly signal?: AbortSignal;
}

/** Chooses what happens to a connection to come, whose body has about `size` bytes. */
export type ChooseNetwork = (size: number) => NetworkPlan;

/** The number of single bytes before the pieces get larger. */
const MAX_SINGLE_BYTES = 400;
/** The longest that a piece takes (ms). */
const MAX_DELAY_MS = 200;
/** The longest that an event takes, byte by byte (ms). */
export const SLOWEST_MS = MAX_SINGLE_BYTES * MAX_DELAY_MS;

/** Sends a body through the network. Cancelling the result cancels the body. */
export function through(
  body: ReadableStream<Uint8Array>,
  { plan, random, time, signal }: NetworkOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let rest = new Uint8Array(), sent = 0, pieces = 0, over = false;
  const reset = () => new TypeError("connection reset");
  const lost = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(reset()), { once: true });
  });
  lost.catch(() => {});
  const leave = () => {
    over = true;
    return reader.cancel().catch(() => {});
  };

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>) {
    if (sent >= plan.cutAt) {
      plan.onCut?.();
      await leave();
      if (plan.how === "stall") await lost;
      if (plan.how === "reset") throw reset();
      return controller.close();
    }
    if (rest.byteLength === 0) {
      const { done, value } = await reader.read();
      if (done) return over ? undefined : controller.close();
      rest = new Uint8Array(value);
    }
    const size = Math.min(pieceOf(rest.byteLength), plan.cutAt - sent);
    if (plan.delayMs > 0) {
      await new Promise<void>((resolve) => {
        time.setTimeout(resolve, random.between(0, plan.delayMs));
      });
    }
    controller.enqueue(rest.slice(0, size));
    rest = rest.subarray(size);
    sent += size;
  }

  function pieceOf(length: number): number {
    if (plan.pieces === "whole") return length;
    if (plan.pieces === "bytes" && pieces++ < MAX_SINGLE_BYTES) return 1;
    return Math.min(length, random.between(1, Math.max(64, length >> 3)));
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        await Promise.race([pull(controller), lost]);
      } catch (error) {
        await leave();
        throw error;
      }
    },
    cancel: leave,
  }, { highWaterMark: 0 });
}

/** A body that lasts for about as many bytes as `size` before something happens to it. */
export function badNetwork(random: Random, size: number): NetworkPlan {
  return {
    cutAt: random.chance(0.8) ? random.between(0, size) : Infinity,
    how: random.pick(["end", "reset", "stall"]),
    pieces: random.pick(["whole", "bytes", "random"]),
    delayMs: random.pick([0, 0, 5, MAX_DELAY_MS]),
  };
}
