/**
 * Removes an upstream's replayed events: messages by position, as `lib/sse` does, and everything else by
 * its own rules.
 *
 * On a tie the candidate from the front wins, as the upstream documents.
 *
 * An `error` event is about a connection and has no position in a replay, which may skip or repeat it.
 * So errors are counted separately: the third of its kind on a connection is new if two are recorded.
 */
import { ReplayFold as MessageFold } from "../../sse/mod.ts";
import { asRecord, type EventKind, kindOf } from "../model/mod.ts";

/** The parts of an event that the fold compares. */
export interface FoldInput {
  readonly type: string;
  readonly data: string;
  /** The parsed payload, or `null` if it is not a JSON object. */
  readonly payload: Record<string, unknown> | null;
}

/** Distinguishes new events from replayed ones, for each connection. */
export class ReplayFold {
  readonly #messages = new MessageFold();
  /** The number of times each error is recorded, and arrived on this connection. */
  readonly #errors = new Map<string, number>();
  readonly #errorsHere = new Map<string, number>();
  #lastState: string | null = null;
  #lastStats: string | null = null;

  /** Whether the log has a message that a replay would repeat. */
  get hasMessages(): boolean {
    return this.#messages.size > 0;
  }

  /** Adds an event that the log already has (at start, in order). */
  recorded(event: FoldInput): void {
    this.#remember(event);
  }

  /** Call when a connection opens: a replay may follow. */
  connected(): void {
    this.#messages.connected();
    this.#errorsHere.clear();
  }

  /** Returns whether to record the event. Remembers a new one. */
  isNew(event: FoldInput): boolean {
    const kind = foldedAs(event);
    if (kind === "state") return this.#isNewState(event);
    if (kind === "stats") return this.#isNewStats(event);
    if (kind === "error") return this.#isNewError(event);
    return this.#messages.isNew(identityOf(event));
  }

  #isNewState(event: FoldInput): boolean {
    const state = stateIdentity(event);
    if (state === this.#lastState) return false;
    this.#lastState = state;
    return true;
  }

  #isNewStats(event: FoldInput): boolean {
    if (event.data === this.#lastStats) return false;
    this.#lastStats = event.data;
    return true;
  }

  #isNewError({ data }: FoldInput): boolean {
    const isNew = count(this.#errorsHere, data) > (this.#errors.get(data) ?? 0);
    if (isNew) count(this.#errors, data);
    return isNew;
  }

  #remember(event: FoldInput): void {
    const kind = foldedAs(event);
    if (kind === "state") this.#lastState = stateIdentity(event);
    else if (kind === "stats") this.#lastStats = event.data;
    else if (kind === "error") count(this.#errors, event.data);
    else this.#messages.recorded(identityOf(event));
  }
}

/** Increments a count and returns it. */
function count(counts: Map<string, number>, key: string): number {
  const now = (counts.get(key) ?? 0) + 1;
  counts.set(key, now);
  return now;
}

/** Compares messages by (type, timestamp, message), and everything else by its bytes. */
function identityOf(event: FoldInput): string {
  const { payload } = event;
  if (typeof payload?.message === "string" && typeof payload.timestamp === "string") {
    return JSON.stringify([event.type, payload.timestamp, payload.message]);
  }
  return `${event.type}\n${event.data}`;
}

/** Treats an unreadable state as a message: a readable state after it does not count as a change. */
function foldedAs({ type, payload }: FoldInput): EventKind {
  const kind = kindOf(type);
  return kind === "state" && asRecord(payload?.run) === null ? "other" : kind;
}

/** Compares states by status, error and warnings: `modified_at` changes on every connect. */
function stateIdentity(event: FoldInput): string {
  const run = asRecord(event.payload?.run);
  return run === null
    ? event.data
    : JSON.stringify([run.status, run.error ?? null, run.warnings ?? null]);
}
