/** The runs of a group in the order of its stream, with the cursor of each. Pure. */

/** The order of a group's runs, and which of them are recorded. */
export class RunOrder {
  readonly #places = new Map<string, number>();
  /** The cursor of each run, by its place. */
  readonly #cursors: (string | null)[] = [];
  readonly #ids: string[] = [];
  readonly #recorded = new Set<string>();

  /** The number of known runs. */
  get size(): number {
    return this.#ids.length;
  }

  /** Adds a run of the stream after those that were added before. Does nothing if the run is known. */
  add(runId: string, cursor: string | null): void {
    if (this.#places.has(runId)) return;
    this.#places.set(runId, this.#ids.length);
    this.#ids.push(runId);
    this.#cursors.push(cursor);
  }

  /** Marks a run as recorded. */
  markRecorded(runId: string): void {
    this.#recorded.add(runId);
  }

  isRecorded(runId: string): boolean {
    return this.#recorded.has(runId);
  }

  /** Returns the cursor after which the stream contains all these runs. `null` is its beginning. */
  cursorBefore(runIds: Iterable<string>): string | null {
    const first = this.#firstOf(runIds);
    return first === 0 ? null : this.#cursors[first - 1] ?? null;
  }

  /** Returns how many recorded runs a stream that contains all these runs would repeat. */
  countRepeated(runIds: Iterable<string>): number {
    let count = 0;
    for (let place = this.#firstOf(runIds); place < this.#ids.length; place++) {
      if (this.#recorded.has(this.#ids[place]!)) count++;
    }
    return count;
  }

  /** Returns the place of the first of these runs. An unknown run comes after all others. */
  #firstOf(runIds: Iterable<string>): number {
    let first = this.#ids.length;
    for (const id of runIds) first = Math.min(first, this.#places.get(id) ?? first);
    return first;
  }
}
