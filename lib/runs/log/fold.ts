/**
 * Folds an upstream's replays away: messages by position, as `lib/sse` does it, and what is no message
 * by rules of its own.
 *
 * A candidate from the front wins a tie, for that is what the upstream documents.
 *
 * An `error` event tells of a connection and has no place in a replay, which may go on after it or
 * repeat it or not. So errors are counted apart: the third of its kind on a connection is new where
 * two are recorded.
 */
import { ReplayFold as MessageFold } from "../../sse/mod.ts";
import { asRecord, type EventKind, kindOf } from "../model/mod.ts";

/** What the fold compares of an event. */
export interface FoldInput {
  readonly type: string;
  readonly data: string;
  /** The parsed payload, or `null` where it is not a JSON object. */
  readonly payload: Record<string, unknown> | null;
}

/** Tells new events from replayed ones, connection by connection. */
export class ReplayFold {
  readonly #messages = new MessageFold();
  /** How many of each error are recorded, and how many came on this connection. */
  readonly #errors = new Map<string, number>();
  readonly #errorsHere = new Map<string, number>();
  #lastState: string | null = null;
  #lastStats: string | null = null;

  /** Whether there is a message that a replay would repeat. */
  get hasMessages(): boolean {
    return this.#messages.size > 0;
  }

  /** Takes in an event that the log already has (at start, in order). */
  recorded(event: FoldInput): void {
    this.#remember(event);
  }

  /** A connection opened: a replay may follow. */
  connected(): void {
    this.#messages.connected();
    this.#errorsHere.clear();
  }

  /** Whether the event is to be recorded; a new one is remembered. */
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

/** Counts one more and returns how many there are now. */
function count(counts: Map<string, number>, key: string): number {
  const now = (counts.get(key) ?? 0) + 1;
  counts.set(key, now);
  return now;
}

/** Messages are the same by (type, timestamp, message); everything else by its bytes. */
function identityOf(event: FoldInput): string {
  const { payload } = event;
  if (typeof payload?.message === "string" && typeof payload.timestamp === "string") {
    return JSON.stringify([event.type, payload.timestamp, payload.message]);
  }
  return `${event.type}\n${event.data}`;
}

/** A state that cannot be read is a message like any other: a readable one after it is no change of the run. */
function foldedAs({ type, payload }: FoldInput): EventKind {
  const kind = kindOf(type);
  return kind === "state" && asRecord(payload?.run) === null ? "other" : kind;
}

/** `modified_at` moves on every connect, so a state is what it says of status, error and warnings. */
function stateIdentity(event: FoldInput): string {
  const run = asRecord(event.payload?.run);
  return run === null
    ? event.data
    : JSON.stringify([run.status, run.error ?? null, run.warnings ?? null]);
}
