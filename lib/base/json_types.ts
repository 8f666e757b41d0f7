/** What a JSON value is, apart from how JSON is read: pages that only ask load nothing more. */

/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** Whether the value is a plain record: no array, no `null`, no {@linkcode Numeral}. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Numeral);
}

/**
 * A number that a double cannot hold, such as `1234567890123456789` or `1e400`, with the digits it was
 * written with. `JSON.stringify` writes these digits again.
 */
export class Numeral {
  /** The number as written in the JSON text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Writes all digits if the engine supports it (V8 11.4, Firefox 135, Safari 18.4), otherwise the nearest
   * double.
   */
  toJSON(): unknown {
    return (JSON as { rawJSON?(text: string): unknown }).rawJSON?.(this.text) ?? Number(this.text);
  }

  toString(): string {
    return this.text;
  }
}

/** Whether the value is a number of JSON: a double, or one that keeps its digits. */
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

/** An object's own member, or `null`: `constructor` is a name like any other. */
export function ownMember(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : null;
}

/** Whether the value is an array of nothing but text. */
export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
