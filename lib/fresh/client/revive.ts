/**
 * Reads island props in the browser, as render/serialize.ts wrote them. Keep it short: every page with
 * islands loads it.
 */

/** Reads a value of the list by its index. */
export type Get = (index: number) => never;

/** Makes the value of one letter. `own` registers it before its contents are read, so cycles end. */
export type Makers = Record<string, (args: number[], get: Get, own: <T>(value: T) => T) => void>;

/** Returns a reader of a list of entries, which it changes in place into their values. */
export function reviver(entries: unknown[], makers: Makers = {}): Get {
  const done: unknown[] = [];
  const get = (index: number): unknown => {
    if (index < 0) return [, NaN, 1 / 0, -1 / 0, -0][~index];
    if (index in done) return done[index];
    const entry = entries[index] as Record<string, unknown>;
    const own = <T>(value: T): T => done[index] = value as T;
    const letter = entry?.[0];
    if (Array.isArray(entry) && typeof letter === "string") {
      makers[letter]!(entry.slice(1), get as Get, own);
    } else {
      own(entry);
      // An own `__proto__` from JSON stays an own property when set.
      if (typeof entry === "object") {
        for (const key in entry) entry[key] = get(entry[key] as number);
      }
    }
    return done[index];
  };
  return get as Get;
}
