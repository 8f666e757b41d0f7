/**
 * `@std/assert`: the assertions that the tests use.
 *
 * @module
 */
import { AssertionError as NodeError } from "node:assert";
import { equal } from "./equal.ts";

export { equal };

/** The error of a failed assertion. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

const suffix = (msg?: string) => msg ? `: ${msg}` : ".";

/** The lines that differ, as Node shows them. */
const differences = (actual: unknown, expected: unknown, operator: string) =>
  new NodeError({ actual, expected, operator }).message.replace(/^.*\n/, "");

/** Fails with `msg`. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${suffix(msg)}`);
}

/** Fails if `expr` is falsy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails if two values differ in structure, see {@linkcode equal}. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const shown = differences(actual, expected, "deepStrictEqual");
  throw new AssertionError(`Values are not equal${suffix(msg)}\n${shown}`);
}

/** Fails if two values have the same structure. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${Deno.inspect(actual)} not to be: ${Deno.inspect(expected)}${suffix(msg)}`,
  );
}

/** Fails if two values are not the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const shown = differences(actual, expected, "strictEqual");
  throw new AssertionError(`Values are not strictly equal${suffix(msg)}\n${shown}`);
}

/** Fails if a text does not match. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(`Expected actual: "${actual}" to match: "${expected}"${suffix(msg)}`);
}

/** Fails if a text matches. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to not match: "${expected}"${suffix(msg)}`,
  );
}

/** Fails unless a function throws an error of a class whose message includes a text. Returns the error. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg = typeof classOrMsg === "string" ? classOrMsg : undefined,
): unknown {
  try {
    fn();
  } catch (error) {
    return checked(error, "thrown", classOrMsg, msgIncludes, msg);
  }
  throw new AssertionError(`Expected function to throw${suffix(msg)}`);
}

/** Fails unless a function's promise rejects with such an error. Resolves to the error. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg = typeof classOrMsg === "string" ? classOrMsg : undefined,
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
    await promise;
  } catch (error) {
    if (promise !== undefined) return checked(error, "rejected", classOrMsg, msgIncludes, msg);
  }
  if (typeof promise?.then !== "function") {
    throw new AssertionError(`Function throws when expected to reject${suffix(msg)}`);
  }
  throw new AssertionError(`Expected function to reject${suffix(msg)}`);
}

function checked(
  error: unknown,
  how: string,
  classOrMsg: ErrorClass<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): unknown {
  if (typeof classOrMsg !== "function") return error;
  if (!(error instanceof Error)) {
    throw new AssertionError(`A non-Error object was ${how}${suffix(msg)}`);
  }
  const { constructor, message } = error;
  if (!(error instanceof classOrMsg)) {
    throw new AssertionError(
      `Expected error to be instance of "${classOrMsg.name}", but was "${constructor.name}"${
        suffix(msg)
      }`,
    );
  }
  if (!msgIncludes || message.includes(msgIncludes)) return error;
  throw new AssertionError(
    `Expected error message to include ${JSON.stringify(msgIncludes)}, but got ${
      JSON.stringify(message)
    }${suffix(msg)}`,
  );
}
