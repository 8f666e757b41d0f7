/** `@std/assert` as its documentation says, whichever implementation its name resolves to. */
import node from "node:assert/strict";
import {
  assert,
  assertEquals,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
  equal,
  fail,
} from "@std/assert";

const cycle = (name: string) => {
  const self: Record<string, unknown> = { name };
  self.self = self;
  return self;
};
class Point {
  constructor(readonly x: number) {}
  get double() {
    return this.x * 2;
  }
}
class Named {
  constructor(readonly x: number) {}
}
const bare = Object.assign(Object.create(null), { a: 1 });
const symbol = Symbol("s");
const both = () => {};

/** Two values, and whether they have the same structure. */
const PAIRS: readonly [name: string, a: unknown, b: unknown, same: boolean][] = [
  ["equal strings", "a", "a", true],
  ["different strings", "a", "b", false],
  ["a number and its text", 1, "1", false],
  ["NaN", NaN, NaN, true],
  ["zero and minus zero", 0, -0, true],
  ["big integers", 10n, 10n, true],
  ["null and undefined", null, undefined, false],
  ["symbols", Symbol("a"), Symbol("a"), false],
  ["objects in another order", { a: 1, b: 2 }, { b: 2, a: 1 }, true],
  ["nested objects", { a: { b: [1, 2] } }, { a: { b: [1, 2] } }, true],
  ["a deep difference", { a: { b: [1, 2] } }, { a: { b: [1, 3] } }, false],
  ["an undefined member and none", { a: undefined }, {}, false],
  ["different members that are undefined", { a: undefined }, { b: undefined }, false],
  ["an object without a prototype and a plain one", bare, { a: 1 }, true],
  ["symbol keys", { [symbol]: 1 }, { [symbol]: 2 }, false],
  ["arrays of other lengths", [1], [1, 2], false],
  ["a hole and undefined", [, 1], [undefined, 1], false],
  ["an array and an object", [1], { 0: 1 }, false],
  ["instances of a class", new Point(1), new Point(1), true],
  ["instances that differ", new Point(1), new Point(2), false],
  ["instances of two classes", new Point(1), new Named(1), false],
  ["an instance and a plain object", new Named(1), { x: 1 }, false],
  ["dates", new Date(1), new Date(1), true],
  ["dates that differ", new Date(1), new Date(2), false],
  ["invalid dates", new Date(NaN), new Date(NaN), true],
  ["patterns", /a/g, /a/g, true],
  ["patterns with other flags", /a/g, /a/i, false],
  ["URLs", new URL("http://a/"), new URL("http://a"), true],
  ["URLs that differ", new URL("http://a/"), new URL("http://b"), false],
  ["sets in another order", new Set([1, 2]), new Set([2, 1]), true],
  ["sets of equal objects", new Set([{ a: 1 }]), new Set([{ a: 1 }]), true],
  ["sets that differ", new Set([{ a: 1 }]), new Set([{ a: 2 }]), false],
  ["maps in another order", new Map([["a", 1], ["b", 2]]), new Map([["b", 2], ["a", 1]]), true],
  ["maps with other values", new Map([["a", 1]]), new Map([["a", 2]]), false],
  ["maps with equal keys", new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]]), true],
  ["bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
  ["bytes that differ", Uint8Array.of(1, 2), Uint8Array.of(1, 3), false],
  ["bytes and their numbers", Uint8Array.of(1), [1], false],
  ["buffers", Uint8Array.of(1).buffer, Uint8Array.of(1).buffer, true],
  ["a cycle", cycle("a"), cycle("a"), true],
  ["cycles that differ", cycle("a"), cycle("b"), false],
  ["a function", both, both, true],
  ["functions of one text", () => {}, () => {}, false],
  ["what weak references refer to", new WeakRef({ a: 1 }), new WeakRef({ a: 1 }), true],
];

for (const [name, a, b, same] of PAIRS) {
  Deno.test(`${name}: ${same ? "equal" : "not equal"}`, () => {
    node.equal(equal(a, b), same);
    node.equal(equal(b, a), same);
    const passes = same ? assertEquals : assertNotEquals;
    const fails = same ? assertNotEquals : assertEquals;
    passes(a, b);
    node.throws(() => fails(a, b), AssertionError);
  });
}

Deno.test("opaque values are not compared", () => {
  node.throws(() => equal(new WeakMap(), new WeakMap()), TypeError);
});

/** What fails, and what its message has to say. */
const FAILURES: readonly [name: string, run: () => unknown, message: RegExp | string][] = [
  ["assert", () => assert(0), ""],
  ["assert with words", () => assert(null, "why"), "why"],
  ["fail", () => fail("why"), "Failed assertion: why"],
  [
    "assertEquals shows both sides",
    () => assertEquals({ a: 1 }, { a: 2 }),
    /Values are not equal\.[^]*1[^]*2/,
  ],
  [
    "assertEquals keeps words and sides",
    () => assertEquals([1], [2], "why"),
    /equal: why[^]*1[^]*2/,
  ],
  [
    "assertStrictEquals by identity",
    () => assertStrictEquals<unknown>({}, {}),
    /structure|not strictly equal/,
  ],
  ["assertStrictEquals of zeros", () => assertStrictEquals(0, -0), /not strictly equal/],
  ["assertStrictEquals with words", () => assertStrictEquals(1, 2, "why"), /: why[^]*1[^]*2/],
  ["assertNotEquals", () => assertNotEquals(1, 1, "why"), /1 not to be: 1: why/],
  ["assertMatch", () => assertMatch("ab", /c/, "why"), /"ab" to match: "\/c\/": why/],
  ["assertNotMatch", () => assertNotMatch("ab", /b/, "why"), /"ab" to not match: "\/b\/": why/],
  ["assertThrows of what does not", () => assertThrows(() => 1, "why"), /to throw: why/],
  [
    "assertThrows of no error",
    () =>
      assertThrows(() => {
        throw "x";
      }, Error),
    /non-Error object was thrown/,
  ],
  [
    "assertThrows of another class",
    () => assertThrows(() => JSON.parse(""), TypeError, undefined, "why"),
    /instance of "TypeError", but was "SyntaxError": why/,
  ],
  [
    "assertThrows of other words",
    () =>
      assertThrows(
        () => {
          throw new Error("ab");
        },
        Error,
        "c",
      ),
    /include "c", but got "ab"/,
  ],
];

for (const [name, run, message] of FAILURES) {
  Deno.test(`a failure's message: ${name}`, () => {
    node.throws(run, { name: "AssertionError", message });
    node.throws(run, AssertionError);
  });
}

Deno.test("passing assertions return, and thrown errors are returned", async () => {
  assert(1);
  assertStrictEquals(NaN, NaN);
  assertMatch("ab", /b/);
  assertNotMatch("ab", /c/);
  const error = new RangeError("too far");
  const thrower = () => {
    throw error;
  };
  node.equal(assertThrows(thrower), error);
  node.equal(assertThrows(thrower, RangeError, "far"), error);
  node.throws(() => assertThrows(thrower, TypeError), AssertionError);
  node.throws(() => assertThrows(thrower, RangeError, "near"), AssertionError);
  const rejects = () => Promise.reject(error);
  node.equal(await assertRejects(rejects), error);
  node.equal(await assertRejects(rejects, RangeError, "far"), error);
  await node.rejects(assertRejects(rejects, TypeError), AssertionError);
  await node.rejects(assertRejects(rejects, RangeError, "near"), AssertionError);
  await node.rejects(assertRejects(() => Promise.resolve(), "why"), /to reject: why/);
  await node.rejects(assertRejects(() => Promise.reject("x"), Error), /non-Error object/);
  await node.rejects(assertRejects(thrower, RangeError), /throws when expected to reject/);
});
