/** The runs of a group in the order of its stream, with the cursor of each. Pure. */

/** What is known of a group's runs. */
export class Book {
  readonly #places = new Map<string, number>();
  /** The cursor of each run, by its place. */
  readonly #cursors: (string | null)[] = [];
  readonly #ids: string[] = [];
  readonly #done = new Set<string>();

  /** How many runs were seen. */
  get size(): number {
    return this.#ids.length;
  }

  /** Adds a run that the stream contained, after those that were added before. */
  saw(runId: string, cursor: string | null): void {
    if (this.#places.has(runId)) return;
    this.#places.set(runId, this.#ids.length);
    this.#ids.push(runId);
    this.#cursors.push(cursor);
  }

  /** Marks a run as recorded. */
  finish(runId: string): void {
    this.#done.add(runId);
  }

  isDone(runId: string): boolean {
    return this.#done.has(runId);
  }

  /** The cursor from which a stream contains all these runs; `null` is its beginning. */
  cursorBefore(runIds: Iterable<string>): string | null {
    const first = this.#firstOf(runIds);
    return first === 0 ? null : this.#cursors[first - 1] ?? null;
  }

  /** How many recorded runs a stream that contains all these runs would repeat. */
  repeatedBy(runIds: Iterable<string>): number {
    let count = 0;
    for (let place = this.#firstOf(runIds); place < this.#ids.length; place++) {
      if (this.#done.has(this.#ids[place]!)) count++;
    }
    return count;
  }

  /** The place of the first of these runs. A run that was not seen comes after all others. */
  #firstOf(runIds: Iterable<string>): number {
    let first = this.#ids.length;
    for (const id of runIds) first = Math.min(first, this.#places.get(id) ?? first);
    return first;
  }
}
