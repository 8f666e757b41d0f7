/**
 * Parses a stream for debugging: every byte belongs to a block, and every block knows its position, its
 * arrival time and which of its lines the standard ignores. It dispatches exactly what `SSEParser` does (a
 * test verifies that). The parser itself needs none of the rest and stays small.
 */
import { ByteLog } from "./words.ts";
import { readLine } from "./line.ts";
import type { RuleId } from "./rules.ts";

/** A line that breaks a rule. */
export interface Fault {
  readonly rule: RuleId;
  /** The line's number in the stream, from 1. */
  readonly line: number;
  /** The offset of its first byte in the stream. */
  readonly at: number;
}

/**
 * - `event`: dispatched
 * - `comment`: only comments, a heartbeat
 * - `silent`: fields, but no data, so nothing is dispatched (an `id` or `retry` still counts)
 * - `unfinished`: the stream ended within it
 */
export type BlockKind = "event" | "comment" | "silent" | "unfinished";

/** The lines up to and including a blank one. */
export interface Block {
  /** Position in the stream, from 0. */
  readonly index: number;
  readonly kind: BlockKind;
  /** Bytes `from` … `to` (exclusive) of the stream. */
  readonly from: number;
  readonly to: number;
  /** When its end arrived, ms since the start; `null` if it was not recorded. */
  readonly atMs: number | null;
  /** The last event ID after it. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
  /** As set in this block, ms. */
  readonly retry: number | null;
  readonly comments: readonly string[];
  readonly faults: readonly Fault[];
}

/** The part of a block that may still change: a line feed that belongs to its last carriage return. */
type Growing = { -readonly [key in keyof Block]: Block[key] };

const LF = 10, CR = 13;
const NONE: readonly never[] = [];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Turns bytes into blocks in linear time, for any chunking. */
export class StreamScanner {
  readonly bytes = new ByteLog();
  readonly blocks: Block[] = [];
  /** Whether a byte order mark was removed at the start. */
  bom = false;
  /** Whether arrival times were recorded. */
  timed = false;
  /** The number of lines with each kind of line end. */
  readonly endings = { lf: 0, crlf: 0, cr: 0 };

  #atMs: number | null = null;
  #from = 0;
  #lineFrom = 0;
  #seen = 0;
  #line = 1;
  #afterCr = false;
  #lastId = "";
  #last: Growing | null = null;

  #lines = 0;
  #id = "";
  #event = "";
  #data: string[] | null = null;
  #retry: number | null = null;
  #comments: string[] | null = null;
  #faults: Fault[] | null = null;
  #set = new Set<string>();

  /** Bytes that wait for their blank line. */
  get pending(): number {
    return this.bytes.length - this.#from;
  }

  /** Adds the next bytes and their arrival time (ms since the start; `null`: unknown). */
  push(chunk: Uint8Array, atMs: number | null) {
    this.#atMs = atMs;
    if (atMs !== null) this.timed = true;
    this.bytes.append(chunk);
    const bytes = this.bytes.slice(0);
    if (this.#seen < 3) this.#skipBom(bytes);
    for (; this.#seen < bytes.length; this.#seen++) {
      const byte = bytes[this.#seen];
      if (byte === LF) {
        if (this.#afterCr) this.#swallow();
        else this.#endLine(bytes, "lf");
      } else if (byte === CR) this.#endLine(bytes, "cr");
      this.#afterCr = byte === CR;
    }
  }

  /**
   * Ends the stream. An unfinished block is reported as the stream's error unless it was only `cut` off
   * here.
   */
  end({ cut = false } = {}) {
    const end = this.bytes.length;
    const bytes = this.bytes.slice(0);
    if (this.#lineFrom < end) {
      this.#lines++;
      this.#read(bytes.subarray(this.#lineFrom, end), this.#lineFrom);
    }
    if (this.#lines === 0) return;
    const loses = this.#data !== null || this.#set.size > 0 || this.#lineFrom < end;
    if (loses && !cut) this.#fault("unfinished", this.#lineFrom);
    this.#close(loses ? "unfinished" : "comment", end);
  }

  #skipBom(bytes: Uint8Array) {
    if (this.#lineFrom > 0 || bytes.length < 3) return;
    if (bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return;
    this.bom = true;
    this.#lineFrom = 3;
    this.#seen = 3;
  }

  /** The line feed of a CRLF, which may arrive in a later chunk. */
  #swallow() {
    this.endings.cr--;
    this.endings.crlf++;
    this.#lineFrom = this.#seen + 1;
    if (this.#lines > 0 || this.#last === null) return;
    this.#last.to = this.#from = this.#lineFrom;
  }

  #endLine(bytes: Uint8Array, ending: "lf" | "cr") {
    const from = this.#lineFrom, end = this.#seen;
    this.endings[ending]++;
    this.#lineFrom = end + 1;
    if (end > from) {
      this.#lines++;
      this.#read(bytes.subarray(from, end), from);
    } else if (this.#lines > 0) {
      this.#dispatch(end + 1);
    } else if (this.#last !== null) {
      // Further blank lines belong to the previous block.
      this.#last.to = this.#from = end + 1;
    }
    this.#line++;
  }

  #read(bytes: Uint8Array, at: number) {
    const text = decoder.decode(bytes);
    if (text.includes("\uFFFD") && !isUtf8(bytes)) this.#fault("not-utf8", at);
    const line = readLine(text);
    if (line.kind === "comment") {
      (this.#comments ??= []).push(line.value);
      return;
    }
    const { name, value, rule } = line;
    if (rule !== null) this.#fault(rule, at);
    if (rule !== null && rule !== "bare-field") return;
    if (name === "data") (this.#data ??= []).push(value);
    else {
      if (this.#set.has(name)) this.#fault("set-twice", at);
      if (name === "event") this.#event = value;
      else if (name === "id") this.#id = value;
      else this.#retry = Number(value);
    }
    this.#set.add(name);
  }

  #dispatch(to: number) {
    this.#lastId = this.#id;
    if (this.#data !== null) return this.#close("event", to);
    if (this.#set.has("event")) this.#fault("no-data", to - 1);
    const silent = this.#set.size > 0 || this.#faults !== null;
    this.#close(silent ? "silent" : "comment", to);
  }

  #close(kind: BlockKind, to: number) {
    this.#last = {
      index: this.blocks.length,
      kind,
      from: this.#from,
      to,
      atMs: this.#atMs,
      id: this.#lastId,
      event: this.#event || "message",
      data: this.#data === null ? "" : this.#data.join("\n"),
      retry: this.#retry,
      comments: this.#comments ?? NONE,
      faults: this.#faults ?? NONE,
    };
    this.blocks.push(this.#last);
    this.#from = to;
    this.#lines = 0;
    this.#event = "";
    this.#data =
      this.#retry =
      this.#comments =
      this.#faults =
        null;
    if (this.#set.size > 0) this.#set.clear();
  }

  #fault(rule: RuleId, at: number) {
    (this.#faults ??= []).push({ rule, line: this.#line, at });
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
