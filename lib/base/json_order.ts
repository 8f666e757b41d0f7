/** Objects whose members keep their order. Pure: runs in a browser. */

/**
 * Creates an object that keeps the order of its members when it is iterated or written as JSON. An ordinary object
 * moves names made of digits to the front. The result is a proxy only if it has such names: a structured clone
 * rejects proxies, and `{...object}` makes an ordinary object.
 */
export function inOrder<T>(
  members: Iterable<readonly [name: string, value: T]>,
): Record<string, T> {
  const ordered = new OrderedMembers<T>();
  for (const [name, value] of members) ordered.set(name, value);
  return ordered.object();
}

/** Creates an object like {@linkcode inOrder}, one member at a time: 100,000 members at once would take 50 ms. */
export class OrderedMembers<T> {
  readonly #object: Record<string, T> = {};
  /** All names in order; `null` until one begins with a digit. */
  #names: Set<string> | null = null;

  /** Sets a member as `JSON.parse` does, including `__proto__`. */
  set(name: string, value: T): void {
    if (this.#names === null && /^\d/.test(name)) this.#names = new Set(Object.keys(this.#object));
    this.#names?.add(name);
    if (name !== "__proto__") this.#object[name] = value;
    else {
      Object.defineProperty(this.#object, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }

  object(): Record<string, T> {
    if (this.#names === null) return this.#object;
    const names = [...this.#names];
    if (Object.keys(this.#object).every((name, at) => name === names[at])) return this.#object;
    return new Proxy(this.#object, {
      ownKeys: (target) =>
        [...new Set([...names, ...Reflect.ownKeys(target)])].filter((name) =>
          Object.hasOwn(target, name)
        ),
    });
  }
}
