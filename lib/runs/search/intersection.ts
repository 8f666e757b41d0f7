/** The intersection of lists of runs. */
import type { Position } from "../history/mod.ts";
import { compare, type Postings, type RankedPostings, type Walk } from "./postings.ts";

/** Jumping in a union of more lists than this costs more than checking the run's own terms. */
const WIDE = 16;
/** How many lists to read in any case, those with the fewest runs first. */
const LEADERS = 2;

/**
 * The runs that are in all of several lists. The list with the fewest runs leads, and the others jump to its
 * position. The longest list jumps last, so that it is read in few places.
 */
export class Intersection implements Postings {
  readonly #walk: Walk;
  #lists: readonly RankedPostings[];
  #sorted = false;

  constructor(lists: readonly RankedPostings[], walk: Walk) {
    this.#lists = lists;
    this.#walk = walk;
  }

  /** After the first read: the terms whose lists are not read. Check them in each candidate. */
  unread: readonly string[] = [];
  #reached: Position | null = null;

  /** The last position examined. Everything before it in the walk is done. */
  get reached(): Position | null {
    const all = [this.#reached, ...this.#lists.map(({ reached = null }) => reached)];
    return all.reduce((furthest, one) =>
      furthest === null || (one !== null && compare(one, furthest, this.#walk) > 0) ? one : furthest
    );
  }

  async peek(): Promise<Position | null> {
    if (!this.#sorted) {
      await Promise.all(this.#lists.map((list) => list.peek()));
      const sorted = this.#lists.toSorted((a, b) => a.density - b.density);
      const isLeft = (list: RankedPostings, index: number) =>
        index >= LEADERS && list.term !== null && list.width > WIDE;
      this.#lists = sorted.filter((list, index) => !isLeft(list, index));
      this.unread = sorted.filter(isLeft).flatMap(({ term }) => term ?? []);
      this.#sorted = true;
    }
    const [lead, ...others] = this.#lists;
    let target = await lead?.peek() ?? null;
    for (let agreed = 0; target !== null && agreed < others.length;) {
      const list = others[agreed]!;
      this.#reached = target;
      list.seek(target);
      const head: Position | null = await list.peek();
      if (head === null) return null;
      if (compare(head, target, this.#walk) === 0) agreed++;
      else {
        lead!.seek(head);
        target = await lead!.peek();
        agreed = 0;
      }
    }
    return target;
  }

  seek(to: Position): void {
    for (const list of this.#lists) list.seek(to);
  }

  skip(): void {
    this.#lists[0]?.skip();
  }
}
