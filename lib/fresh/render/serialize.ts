/**
 * Serializes island props for the browser.
 *
 * One flat list holds every value once. A value refers to others by index, which preserves shared
 * references and cycles. Entries:
 *
 * | entry | value |
 * |---|---|
 * | string, finite number, boolean, null | itself |
 * | `[1, 2]` | an array of the values 1 and 2 |
 * | `{"a": 1}` | an object whose `a` is value 1 |
 * | `["D", 1]` and other letters | another type, made in client/types.ts or client/signals.ts |
 *
 * Negative indexes are values that JSON cannot express. A value that would arrive changed throws an
 * error with the island's name and the prop's path.
 */

const UNDEFINED = -1, NAN = -2, INFINITE = -3, MINUS_INFINITE = -4, MINUS_ZERO = -5;

/** The values of a page, ready to be written. */
export interface SerializedProps {
  /** JSON that is safe inside a `<script>` element. */
  json: string;
  /** The index of each root in the list. */
  roots: number[];
  /** The code that reads it: none, the makers of types, or the signals library too. */
  needs: "plain" | "types" | "signals";
}

/** A root value and its name in messages. */
export interface SerializedRoot {
  name: string;
  props: object;
}

/** Serializes the props of all islands of a page. Throws a `TypeError` that names an unsupported value. */
export function serializeProps(roots: readonly SerializedRoot[]): SerializedProps {
  const writer = new Writer();
  const indexes = roots.map(({ name, props }) => writer.write(props, { name, above: null }));
  const json = JSON.stringify(writer.entries);
  return {
    json: json.includes("<") ? json.replaceAll("<", "\\u003c") : json,
    roots: indexes,
    needs: writer.needs,
  };
}

interface Place {
  name: string;
  above: Place | null;
}

type Entry = string | number | boolean | null | (string | number)[] | Record<string, number>;

class Writer {
  readonly entries: Entry[] = [];
  needs: SerializedProps["needs"] = "plain";
  readonly #seen = new Map<unknown, number>();

  write(value: unknown, place: Place): number {
    if (value === undefined) return UNDEFINED;
    if (typeof value === "number") {
      if (Number.isNaN(value)) return NAN;
      if (value === Infinity) return INFINITE;
      if (value === -Infinity) return MINUS_INFINITE;
      if (Object.is(value, -0)) return MINUS_ZERO;
    }
    const known = this.#seen.get(value);
    if (known !== undefined) return known;
    const index = this.entries.push(null) - 1;
    this.#seen.set(value, index);
    const entry = this.#entry(value, place);
    // A list that begins with a letter needs a maker.
    if (Array.isArray(entry) && typeof entry[0] === "string" && this.needs === "plain") {
      this.needs = "types";
    }
    this.entries[index] = entry;
    return index;
  }

  #entry(value: unknown, place: Place): Entry {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "number":
        return value;
      case "bigint":
        return ["B", this.write(`${value}`, place)];
      case "object":
        return value === null ? null : this.#object(value, place);
      case "function":
        throw unsupported(place, "a function", "islands take data; put the function in the island");
      case "symbol":
        throw unsupported(place, "a symbol", "symbols have no meaning in another process");
    }
    throw unsupported(place, typeof value);
  }

  #object(value: object, place: Place): Entry {
    if (Array.isArray(value)) return this.#array(value, place);
    if (isSignal(value)) {
      this.needs = "signals";
      return [isComputed(value) ? "c" : "s", this.write(value.peek(), inside(place, ".value"))];
    }
    if (isElement(value)) {
      throw unsupported(place, "JSX", "render it inside the island instead");
    }
    // Compare prototypes: a subclass would arrive as its base class.
    const prototype = Object.getPrototypeOf(value);
    if (value instanceof Date && prototype === Date.prototype) {
      return ["D", this.write(value.getTime(), place)];
    }
    if (value instanceof URL && prototype === URL.prototype) {
      return ["U", this.write(value.href, place)];
    }
    if (value instanceof Map && prototype === Map.prototype) return this.#map(value, place);
    if (value instanceof Set && prototype === Set.prototype) {
      return ["S", ...Array.from(value, (item) => this.write(item, inside(place, "<item>")))];
    }
    return this.#plain(value, place);
  }

  #map(value: Map<unknown, unknown>, place: Place): Entry {
    const entry: (string | number)[] = ["M"];
    for (const [key, item] of value) {
      entry.push(
        this.write(key, inside(place, `<key ${describe(key)}>`)),
        this.write(item, inside(place, `<${describe(key)}>`)),
      );
    }
    return entry;
  }

  #array(value: unknown[], place: Place): Entry {
    const keys = Object.keys(value);
    const last = keys.at(-1);
    if (last !== undefined && !(Number(last) < value.length)) {
      throw unsupported(inside(place, `.${last}`), "a named property of an array");
    }
    if (keys.length < value.length) throw unsupported(place, "an array with holes");
    return value.map((item, index) => this.write(item, inside(place, `[${index}]`)));
  }

  #plain(value: object, place: Place): Entry {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) {
      const name = value.constructor?.name || "a class";
      throw unsupported(place, `an instance of ${name}`, "its methods would be lost");
    }
    if (Object.getOwnPropertySymbols(value).length > 0) {
      throw unsupported(place, "an object with symbol keys");
    }
    const entry: Record<string, number> = {};
    for (const [key, item] of Object.entries(value)) {
      const index = this.write(item, inside(place, `.${key}`));
      if (key !== "__proto__") entry[key] = index;
      // An assignment to this key would set the prototype.
      else Object.defineProperty(entry, key, { value: index, enumerable: true });
    }
    return entry;
  }
}

function inside(above: Place, name: string): Place {
  return { name, above };
}

function pathOf(place: Place): string {
  return (place.above === null ? "" : pathOf(place.above)) + place.name;
}

function unsupported(place: Place, what: string, advice?: string): TypeError {
  const reason = advice === undefined ? "" : `: ${advice}`;
  return new TypeError(
    `Island prop ${pathOf(place)} is ${what}, which cannot be sent to the browser${reason}`,
  );
}

function describe(key: unknown): string {
  return typeof key === "string" || typeof key === "number" ? JSON.stringify(key) : typeof key;
}

const BRAND = Symbol.for("preact-signals");

/** Recognizes signals by their brand, without importing the library. */
function isSignal(value: object): value is { peek(): unknown } {
  return "brand" in value && value.brand === BRAND && "peek" in value;
}

/** Recognizes a computed signal: its `value` has no setter. */
function isComputed(value: object): boolean {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, "value");
    if (property) return property.set === undefined && property.writable !== true;
  }
  return false;
}

/** Recognizes a vnode: it has an own `constructor` of undefined, which JSON cannot express. */
function isElement(value: object): boolean {
  return Object.hasOwn(value, "constructor") && value.constructor === undefined &&
    "type" in value && "props" in value;
}
