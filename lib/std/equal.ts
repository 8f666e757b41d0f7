/**
 * Deep equality as `@std/assert` defines it.
 */

/** Types of objects that are equal if their texts are. */
const BY_TEXT = new Set<unknown>(
  [RegExp, URL, URLSearchParams, Intl.Locale].map((c) => c.prototype),
);

/**
 * Whether two values have the same structure: the same prototype (an object without one counts as plain), and
 * equal properties, including those inherited from classes. Primitives and functions are equal only to
 * themselves; `NaN` equals `NaN`, and `0` equals `-0`. Compares dates by time, sets and maps in any order, and
 * binary data by its elements. Throws a `TypeError` for weak maps and sets, whose content cannot be read.
 */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** `pairs` are being compared: if one value contains itself, the other must, too. */
function compare(a: unknown, b: unknown, pairs: Map<object, object>): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (kindOf(a) !== kindOf(b)) return false;
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a.constructor.name} instances`);
  }
  if (a instanceof WeakRef) return compare(a.deref(), (b as WeakRef<object>).deref(), pairs);
  const [left, right] = [elementsOf(a), elementsOf(b)];
  if (left && right) {
    const isSame = (one: unknown, at: number) => one === right[at] || Object.is(one, right[at]);
    return left.length === right.length && left.every(isSame);
  }
  if (pairs.get(a) === b) return true;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  pairs.set(a, b);
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size &&
      [...a].every((one) => b.has(one) || [...b].some((other) => equal(one, other)));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size &&
      [...a].every(([key, value]) =>
        b.has(key)
          ? compare(value, b.get(key), pairs)
          : [...b].some((other) => equal([key, value], other))
      );
  }
  if (BY_TEXT.has(kindOf(a))) return `${a}` === `${b}`;
  return [...keysOf(a).union(keysOf(b))].every((key) =>
    key in a && key in b && compare(Reflect.get(a, key), Reflect.get(b, key), pairs)
  );
}

/** The prototype; a plain object's for one without. */
const kindOf = (value: object): object => Object.getPrototypeOf(value) ?? Object.prototype;

/** The elements of binary data, which are numbers or bigints. */
function elementsOf(value: object): Uint8Array | null {
  if (value instanceof DataView) return null;
  if (ArrayBuffer.isView(value)) return value as Uint8Array;
  const isBuffer = value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return isBuffer ? new Uint8Array(value) : null;
}

/** Own keys, and those inherited from classes. */
function keysOf(value: object): Set<PropertyKey> {
  const above = Object.getPrototypeOf(value);
  const plain = above === null || above === Object.prototype || above === Array.prototype;
  return new Set([...Reflect.ownKeys(value), ...plain ? [] : keysOf(above)]);
}
