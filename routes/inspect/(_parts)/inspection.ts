/**
 * One inspected stream: its blocks, how many are shown, and which of those match the filter. The page
 * renders it. Clocks, frames and the network are passed in.
 */
import { Answer, type AnswerState, NOTHING } from "./answer.ts";
import type { Chunk, Origin, Pace, Phase } from "./chunks.ts";
import { encoded, shownAfter, SLICE, slicesOf } from "./chunks.ts";
import { BlockFilter, type FilterSpec } from "./filter.ts";
import { type Answered, type LiveEnd, type LiveOptions, readLive } from "./live.ts";
import { loaded, UNLOADED } from "./lazy.ts";
import type { StreamRequest } from "./request.ts";
import { type Block, StreamScanner } from "./scan.ts";
import { count, emptyTally, type Tally } from "./tally.ts";

export interface InspectionOptions {
  readonly fetch: LiveOptions["fetch"];
  readonly now: () => number;
  /** Runs once before the next frame, or soon. */
  readonly frame: (run: () => void) => void;
  /** Yields to the page. */
  readonly pause: () => Promise<void>;
  /** Called when something changed, at most once per frame. */
  readonly onChange: () => void;
}

/** Limits: how much a tab holds easily, and how tall a list of 28 px rows can be and still scroll. */
const MAX_BYTES = 256 << 20;
const MAX_BLOCKS = 250_000;

export class Inspection {
  readonly #options: InspectionOptions;
  #scanner = new StreamScanner();
  #reading = new AbortController();
  #answer: Answer | null = null;
  readonly #filter: BlockFilter;
  #asked = false;
  #replay: { readonly fromMs: number; readonly from: number; readonly pace: Pace } | null = null;

  phase: Phase = "empty";
  origin: Origin = { kind: "text" };
  /** A JSON file whose events were written as a stream again: the bytes are generated. */
  imported = false;
  /** The problem with the source, in words. */
  problem: string | null = null;
  /** How a capture was converted before it was read, in words. */
  note: string | null = null;
  answered: Answered | null = null;
  ended: LiveEnd | null = null;
  /** The number of blocks shown: all of them, except in a replay. */
  shown = 0;
  tally: Tally = emptyTally();
  answer: AnswerState = NOTHING;

  constructor(options: InspectionOptions) {
    this.#options = options;
    this.#filter = new BlockFilter({ pause: options.pause, onChange: () => this.#changed() });
  }

  get blocks(): readonly Block[] {
    return this.#scanner.blocks;
  }

  get scanner(): StreamScanner {
    return this.#scanner;
  }

  /** The indices of the shown blocks that match the filter. */
  get rows(): readonly number[] {
    return this.#filter.rows;
  }

  get spec(): FilterSpec {
    return this.#filter.spec;
  }

  get filterProblem(): string | null {
    return this.#filter.problem;
  }

  get replaying(): boolean {
    return this.#replay !== null;
  }

  /** The original bytes of one block. */
  bytesOf({ from, to }: Block): Uint8Array<ArrayBuffer> {
    return this.#scanner.bytes.slice(from, to);
  }

  /** Reads a pasted text: a stream, or a capture as NDJSON. */
  async readText(text: string): Promise<void> {
    const { signal } = this.#begin({ kind: "text" }, "reading");
    await this.#read(new TextEncoder().encode(text), signal);
  }

  /** Reads a file: a stream byte for byte, or a capture as NDJSON. */
  async readFile(file: Blob & { readonly name: string }): Promise<void> {
    const { signal } = this.#begin({ kind: "file", name: file.name }, "reading");
    if (file.size > MAX_BYTES) return this.#refuse(TOO_LARGE);
    // A browser rejects a file that changed or disappeared after it was chosen.
    const buffer = await file.arrayBuffer().catch(() => null);
    if (this.#reading.signal !== signal) return;
    if (buffer === null) return this.#refuse(`“${file.name}” cannot be read. Choose it again.`);
    await this.#read(new Uint8Array(buffer), signal);
  }

  /** Opens a URL and reads its stream. */
  async open(request: StreamRequest): Promise<void> {
    const { signal } = this.#begin({ kind: "url", request }, "opening");
    const { fetch, now } = this.#options;
    const ended = await readLive(request, {
      fetch,
      now,
      signal,
      onAnswer: (answered) => {
        if (signal.aborted) return;
        this.answered = answered;
        this.phase = "live";
        this.#changed();
      },
      onChunk: (chunk, atMs) => {
        if (!signal.aborted) this.#take(chunk, atMs);
      },
    });
    // Another stream may have replaced it.
    if (this.#reading.signal !== signal) return;
    this.ended = ended;
    this.#finish();
  }

  /** Stops reading and keeps the data so far. */
  stop() {
    this.#reading.abort();
  }

  /** Applies a filter. */
  setFilter(spec: FilterSpec) {
    this.#filter.setSpec(spec);
  }

  /** Replays the stream from the first event. */
  replay(pace: Pace) {
    this.#forgetShown();
    this.#replay = { fromMs: this.#options.now(), from: 0, pace };
    this.#changed();
    this.#play();
  }

  /** Continues the replay at another pace. */
  setPace(pace: Pace) {
    if (this.#replay === null) return;
    this.#replay = { fromMs: this.#options.now(), from: this.shown, pace };
  }

  /** Ends the replay and shows everything. */
  endReplay() {
    this.#replay = null;
    this.#show(this.blocks.length);
  }

  #begin(origin: Origin, phase: Phase): AbortController {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#scanner = new StreamScanner();
    this.#replay = null;
    this.origin = origin;
    this.phase = phase;
    this.imported = false;
    this.problem =
      this.note =
      this.answered =
      this.ended =
        null;
    this.#forgetShown();
    // Another stream has other types.
    this.#filter.setSpec({ ...this.spec, type: "" });
    this.#changed();
    return this.#reading;
  }

  #forgetShown() {
    this.#answer?.stop();
    this.shown = 0;
    this.#filter.restart();
    this.tally = emptyTally();
    this.answer = NOTHING;
    const answer: Answer = new Answer({
      pause: this.#options.pause,
      onChange: (state) => {
        if (this.#answer !== answer) return;
        this.answer = state;
        this.#changed();
      },
    });
    this.#answer = answer;
  }

  async #read(captured: Uint8Array<ArrayBuffer>, signal: AbortSignal) {
    const encoding = await loaded(import("./encoding.ts"));
    const read = await encoding?.decoded(captured, MAX_BYTES);
    if (this.#reading.signal !== signal) return;
    if (!encoding || !read) return this.#refuse(UNLOADED);
    if (!read.ok) return this.#refuse(read.problem);
    this.note = read.note;
    const head = new TextDecoder().decode(read.bytes.subarray(0, 64));
    if (!encoding.isCapture(head)) return await this.#takeAll(slicesOf(read.bytes), signal);
    const json = await loaded(import("./ndjson.ts"));
    if (this.#reading.signal !== signal) return;
    if (json === null) return this.#refuse(UNLOADED);
    const capture = json.importCapture(new TextDecoder().decode(read.bytes));
    if (!capture.ok) return this.#refuse(capture.problem);
    this.note = capture.note ?? read.note;
    this.imported = capture.note === undefined;
    await this.#takeAll(encoded(capture.events), signal);
  }

  async #takeAll(chunks: Iterable<Chunk>, signal: AbortSignal) {
    let left = SLICE;
    for (const { bytes, atMs } of chunks) {
      if (!this.#take(bytes, atMs)) break;
      left -= bytes.length;
      if (left > 0) continue;
      left = SLICE;
      await this.#options.pause();
      if (signal.aborted) break;
    }
    if (this.#reading.signal === signal) this.#finish();
  }

  #refuse(problem: string) {
    this.problem = problem;
    this.phase = "done";
    this.#changed();
  }

  /** Adds bytes. Returns `false` if the limit is reached. */
  #take(chunk: Uint8Array, atMs: number | null): boolean {
    const { bytes, blocks } = this.#scanner;
    if (bytes.length + chunk.length > MAX_BYTES || blocks.length > MAX_BLOCKS) {
      this.problem = TOO_LARGE;
      this.#reading.abort();
      return false;
    }
    this.#scanner.push(chunk, atMs);
    if (this.#replay === null) this.#show(blocks.length);
    return true;
  }

  #finish() {
    this.#scanner.end({ cut: this.#reading.signal.aborted });
    this.phase = "done";
    if (this.#replay === null) this.#show(this.blocks.length);
    this.#changed();
  }

  #show(length: number) {
    for (; this.shown < length; this.shown++) {
      const block = this.blocks[this.shown]!;
      count(this.tally, block);
      if (block.kind === "event") {
        const { id, event, data, atMs, index } = block;
        this.#answer?.feed({ id, event, data }, atMs, index);
      }
    }
    if (this.phase === "done" && this.shown === this.blocks.length) this.#answer?.end();
    this.#filter.advance(this.blocks, this.shown);
    this.#changed();
  }

  #play() {
    this.#options.frame(() => {
      const replay = this.#replay;
      if (replay === null) return;
      const { blocks } = this;
      const { fromMs, from, pace } = replay;
      const timeOf = (index: number) => blocks[index]?.atMs ?? null;
      const shown = shownAfter(this.#options.now() - fromMs, pace, from, blocks.length, timeOf);
      if (shown > this.shown) this.#show(shown);
      if (shown < blocks.length) return this.#play();
      this.#replay = null;
      this.#changed();
    });
  }

  #changed() {
    if (this.#asked) return;
    this.#asked = true;
    this.#options.frame(() => {
      this.#asked = false;
      this.#options.onChange();
    });
  }
}

const TOO_LARGE = `This is too large for a browser tab (${MAX_BYTES >> 20} MiB or ${
  MAX_BLOCKS.toLocaleString("en-US")
} events). The part before that is shown.`;
