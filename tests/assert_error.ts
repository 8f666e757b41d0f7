/** For tests that check more than an error's class. */
import { assert, assertEquals, assertMatch } from "@std/assert";

/** The expected members of an error, where patterns match texts; or a predicate. */
export type Expected = Readonly<Record<string, unknown>> | ((error: unknown) => boolean);

/** Fails and shows the error if it is not the expected one. */
export function assertError(error: unknown, expected: Expected): void {
  const shown = Deno.inspect(error);
  if (typeof expected === "function") return assert(expected(error), shown);
  assert(typeof error === "object" && error !== null, shown);
  for (const [name, value] of Object.entries(expected)) {
    const actual: unknown = Reflect.get(error, name);
    if (value instanceof RegExp) assertMatch(String(actual), value, shown);
    else assertEquals(actual, value, `${name} of ${shown}`);
  }
}
