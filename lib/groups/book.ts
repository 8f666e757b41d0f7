/** The runs of a group in the order of its stream, with the cursor of each. Pure. */

/** What is known of a group's runs. */
export class Book {
  readonly #places = new Map<string, number>();
  /** By place. */
  readonly #cursors: (string | null)[] = [];
  readonly #ids: string[] = [];
  readonly #done = new Set<string>();

  /** Runs that were seen. */
  get size(): number {
    return this.#ids.length;
  }

  /** A run was seen in the stream, after those that were seen before. */
  saw(runId: string, cursor: string | null): void {
    if (this.#places.has(runId)) return;
    this.#places.set(runId, this.#ids.length);
    this.#ids.push(runId);
    this.#cursors.push(cursor);
  }

  /** Nothing more is to be had of a run. */
  finish(runId: string): void {
    this.#done.add(runId);
  }

  isDone(runId: string): boolean {
    return this.#done.has(runId);
  }

  /** Where a stream has to go on that is to tell of all these runs: `null` is its beginning. */
  cursorBefore(runIds: Iterable<string>): string | null {
    const first = this.#firstOf(runIds);
    return first === 0 ? null : this.#cursors[first - 1] ?? null;
  }

  /** How many runs a stream would tell of that has to tell of these, although they are done. */
  repeatedBy(runIds: Iterable<string>): number {
    let count = 0;
    for (let place = this.#firstOf(runIds); place < this.#ids.length; place++) {
      if (this.#done.has(this.#ids[place]!)) count++;
    }
    return count;
  }

  /** A run that was not seen comes after all that were. */
  #firstOf(runIds: Iterable<string>): number {
    let first = this.#ids.length;
    for (const id of runIds) first = Math.min(first, this.#places.get(id) ?? first);
    return first;
  }
}
