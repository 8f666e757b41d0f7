/** Types of JSON values. Apart from the parser, because some pages need only these. */

/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** Whether the value is a JSON object: not an array, `null` or a {@linkcode Numeral}. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Numeral);
}

/**
 * A number with its original spelling, which JavaScript would change: `1234567890123456789`, `1e400`, `1.0`.
 * `JSON.stringify` writes that spelling.
 */
export class Numeral {
  /** The number as written in the JSON text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Returns the original spelling if the engine supports `JSON.rawJSON` (V8 11.4, Firefox 135, Safari 18.4),
   * otherwise the nearest double.
   */
  toJSON(): unknown {
    return (JSON as { rawJSON?(text: string): unknown }).rawJSON?.(this.text) ?? Number(this.text);
  }

  toString(): string {
    return this.text;
  }
}

/** Whether the value is a JSON number: a double or a {@linkcode Numeral}. */
export function isNumber(value: unknown): value is number | Numeral {
  return typeof value === "number" || value instanceof Numeral;
}

/**
 * Replaces every {@linkcode Numeral} with the nearest double, for code that computes: a validator, a structured
 * clone. Copies lists and objects, without recursion.
 */
export function withDoubles(value: unknown): unknown {
  const whole = { value };
  const open: object[] = [whole];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    // With the pairs of `Object.entries`, a list of half a million items takes three times as long.
    for (const name in holder) {
      const member: unknown = Reflect.get(holder, name);
      if (typeof member !== "object" || member === null) continue;
      const copy = member instanceof Numeral
        ? Number(member.text)
        : Array.isArray(member)
        ? [...member]
        : { ...member };
      Reflect.set(holder, name, copy);
      if (typeof copy === "object") open.push(copy);
    }
  }
  return whole.value;
}

/** An object's own member, or `null`. Inherited names like `constructor` do not count. */
export function ownMember(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : null;
}

/** Whether the value is an array that contains only strings. */
export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
