/**
 * Limits the work of reading a text. A short text can use its variables in each other again and again, so that
 * what it computes doubles with every line. Pure.
 */

/** Maximum cost of a reading. A request has at most 25,000 characters, and its code takes a tenth of this. */
const MAX_COST = 2_000_000;
/** The cost of a visit to a token, and of a list, an object, or any value but a text. A character costs 1. */
const VISIT = 20, NODE = 10;
/** Maximum nesting of a value. JSON is read as deep. */
const MAX_DEPTH = 500;

/** Why a text was not read. */
export const TOO_MUCH = "This takes too much work to read: paste only the request";

/** Thrown when a text takes too much work to read. */
export class TooMuch extends Error {}

export class Budget {
  #left = MAX_COST;
  /** The characters that were searched for the ends of substitutions. */
  looked = 0;

  /**
   * Counts work.
   *
   * @throws {TooMuch}
   */
  spend(cost = VISIT) {
    if ((this.#left -= cost) < 0) throw new TooMuch();
  }

  /**
   * Counts a value that is used once more, with all that is in it. Returns whether `part` is it or is in it:
   * putting the value into that part would make it endless.
   *
   * @throws {TooMuch}
   */
  holds(value: unknown, part?: object, depth = 0): boolean {
    this.spend(typeof value === "string" ? value.length : NODE);
    if (depth > MAX_DEPTH) throw new TooMuch();
    if (typeof value !== "object" || value === null) return false;
    let found = value === part;
    for (const each of Object.values(value)) found = this.holds(each, part, depth + 1) || found;
    return found;
  }

  /** Counts a value that is used once more, and returns it. */
  used<Value>(value: Value): Value {
    this.holds(value);
    return value;
  }
}

/** Whether a value, as a tree, is larger than any reading may be. */
export function isTooMuch(value: unknown): boolean {
  try {
    new Budget().holds(value);
    return false;
  } catch (error) {
    if (error instanceof TooMuch) return true;
    throw error;
  }
}
