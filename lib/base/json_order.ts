/** Objects whose members keep their order. Pure: runs in a browser. */

/**
 * The object of these members. JavaScript moves names made of digits to the front of an object; here they keep
 * their places, wherever the object is walked, written as JSON, or copied member by member. It is a proxy only
 * if it has to be: a structured clone rejects proxies, and `{...object}` is an ordinary object again.
 */
export function inOrder<T>(
  members: Iterable<readonly [name: string, value: T]>,
): Record<string, T> {
  const entries = [...members];
  const object: Record<string, T> = Object.fromEntries(entries);
  const names = [...new Set(entries.map(([name]) => name))];
  if (Object.keys(object).every((name, at) => name === names[at])) return object;
  return new Proxy(object, {
    ownKeys: (target) =>
      [...new Set([...names, ...Reflect.ownKeys(target)])].filter((name) =>
        Object.hasOwn(target, name)
      ),
  });
}
