/** Formats a stream's times and figures. Pure. */
import { dollars, duration, UNKNOWN } from "../../../lib/base/mod.ts";
import type { Usage } from "../../../lib/sse/mod.ts";

/** A time since the start, in milliseconds precision: `0.042`, `12.300`, `3:07.120`. */
export function offset(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const whole = Math.max(0, Math.round(ms));
  const seconds = (whole % 60_000 / 1000).toFixed(3);
  const minutes = Math.floor(whole / 60_000);
  return minutes === 0 ? seconds : `${minutes}:${seconds.padStart(6, "0")}`;
}

/** A short duration (ms): `+0 ms`, `+430 ms`, `+2.4 s`, `+3 min 20 s`. */
export function gap(ms: number | null): string {
  return ms === null ? "" : `+${stretch(ms)}`;
}

/** A duration (ms), with milliseconds if significant. */
export function stretch(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}

/** A rate per second. */
export function perSecond(rate: number | null, what: string): string {
  if (rate === null) return UNKNOWN;
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} ${what}/s`;
}

/** US dollars per million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

/** The cost of an answer. Unknown without a count of the request's tokens. */
export function costOf(usage: Usage, prices: Prices | null): number | null {
  if (prices === null || usage.inputTokens === undefined) return null;
  return (usage.inputTokens * prices.input + usage.outputTokens * prices.output) / 1e6;
}

/** Small sums to three significant digits: `$0.000123`. */
export function cost(value: number | null): string {
  if (value === null || value >= 0.1 || value === 0) return dollars(value);
  // Smaller values would be formatted with an exponent.
  return value < 1e-6 ? "< $0.000001" : `$${Number(value.toPrecision(3))}`;
}

/** The `Last-Event-ID` that a reconnecting client sends after this ID, as `connectSSE` does. */
export function resumedBy(id: string): string {
  if (id === "") return "nothing, because the stream sets no id";
  const isShort = new TextEncoder().encode(id).length <= 4096;
  // deno-lint-ignore no-control-regex
  const isSendable = isShort && !/[\0-\x08\n-\x1f\x7f]/.test(id);
  return isSendable ? id : "nothing, because a header cannot contain this id";
}

/** An append-only byte buffer. */
export class ByteLog {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array) {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** Returns a view of `from` … `to` (exclusive), valid until the next `append`. */
  slice(from: number, to = this.#length): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(from, Math.min(to, this.#length));
  }
}

/** How the lines of a stream end, with the number of each kind if there are several. */
export function endings({ lf, crlf, cr }: { lf: number; crlf: number; cr: number }): string {
  const used = [["LF", lf], ["CRLF", crlf], ["CR", cr]].filter(([, times]) => times !== 0);
  if (used.length < 2) return String(used[0]?.[0] ?? UNKNOWN);
  return used.map(([name, times]) => `${name} ${times}`).join(", ");
}
