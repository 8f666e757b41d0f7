/**
 * Island props on arrival: the reader of what props/serialize.ts writes. Runs in browsers, so every
 * line is there for a reason and none is long.
 */

/** Reads a value of the list by its index. */
export type Get = (index: number) => never;

/** Makes the value of one letter; `own` registers it before what it holds is read, so cycles end. */
export type Makers = Record<string, (args: number[], get: Get, own: <T>(value: T) => T) => void>;

/** The letters of the values that need no library. */
const MAKERS: Makers = {
  B: ([a], get, own) => own(BigInt(get(a!))),
  D: ([a], get, own) => own(new Date(get(a!))),
  U: ([a], get, own) => own(new URL(get(a!))),
  R: ([a, b], get, own) => own(RegExp(get(a!), get(b!))),
  8: ([a], get, own) => own(Uint8Array.from(atob(get(a!)), (char) => char.charCodeAt(0))),
  S: (args, get, own) => {
    const set = own(new Set());
    for (const a of args) set.add(get(a));
  },
  M: (args, get, own) => {
    const map = own(new Map());
    for (let i = 0; i < args.length; i += 2) map.set(get(args[i]!), get(args[i + 1]!));
  },
  // Arrays with holes: length, then index and value in turn.
  A: (args, get, own) => {
    const array = own(Array(get(args[0]!)));
    for (let i = 1; i < args.length; i += 2) array[get(args[i]!)] = get(args[i + 1]!);
  },
};

/** Reads a list of entries; they are changed in place into the values they stand for. */
export function reviver(entries: unknown[], more?: Makers): Get {
  const done: unknown[] = [];
  const get = (index: number): unknown => {
    if (index < 0) return [, NaN, 1 / 0, -1 / 0, -0][~index];
    if (index in done) return done[index];
    const entry = entries[index] as Record<string, unknown>;
    const own = <T>(value: T): T => done[index] = value as T;
    const letter = entry?.[0];
    if (Array.isArray(entry) && typeof letter === "string") {
      ({ ...MAKERS, ...more })[letter]!(entry.slice(1), get as Get, own);
    } else {
      own(entry);
      // An own `__proto__` from JSON stays an own property when it is set.
      if (typeof entry === "object") {
        for (const key in entry) entry[key] = get(entry[key] as number);
      }
    }
    return done[index];
  };
  return get as Get;
}
