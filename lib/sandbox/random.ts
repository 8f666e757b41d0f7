/** Reproducible randomness: a run is a function of its ID, so a restart during it changes nothing. */

/** A stream of numbers that depends only on its seed. */
export class Random {
  #state: number;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
    this.#state = hash32(seed);
  }

  /** Returns a separate stream for one purpose, so drawing more here does not affect it. */
  fork(purpose: string | number): Random {
    return new Random(`${this.#seed}/${purpose}`);
  }

  /** A number in [0, 1). */
  next(): number {
    // mulberry32: 32 bits of state are enough for prose.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Returns an integer from `min` to `max`, inclusive. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Returns one of the items, of which there must be at least one. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined && items.length === 0) throw new RangeError("Nothing to pick from");
    return item as T;
  }

  /** Returns up to `count` distinct items, in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    for (let i = rest.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [rest[i], rest[j]] = [rest[j]!, rest[i]!];
    }
    return rest.slice(0, count);
  }

  /** Returns this many hexadecimal digits. */
  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.int(0, 15).toString(16)).join("");
  }

  /** Returns a UUID in version 4 format. */
  uuid(): string {
    const h = this.hex(32);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${
      h.slice(20)
    }`;
  }
}

/** FNV-1a with a final mix: IDs that differ in one digit give unrelated streams. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
