import { assertEquals, assertStrictEquals } from "@std/assert";
import { find, findNumbers, findText, valuesAt } from "../../lib/sse/providers/provider.ts";

for (
  const [path, payload, values] of [
    ["a", { a: 1 }, [1]],
    ["a.b.c", { a: { b: { c: "x" } } }, ["x"]],
    ["a.b", { a: 1 }, []],
    ["a.b", { a: null }, []],
    ["a", { a: null }, []],
    ["a", { a: false }, [false]],
    ["a", { a: 0 }, [0]],
    ["a", { a: "" }, [""]],
    ["a", "text", []],
    ["length", "text", []],
    ["a", null, []],
    ["a", undefined, []],
    ["0.a", [{ a: 1 }, { a: 2 }], [1]],
    ["2.a", [{ a: 1 }], []],
    ["*.a", [{ a: 1 }, {}, { a: 3 }], [1, 3]],
    ["*", { a: 1 }, []],
    ["a.*.b.*", { a: [{ b: [1, 2] }, { b: [3] }] }, [1, 2, 3]],
    ["*.!hidden.a", [{ a: 1, hidden: true }, { a: 2 }, { a: 3, hidden: false }], [2, 3]],
    ["*.?hidden.a", [{ a: 1, hidden: true }, { a: 2 }, { a: 3, hidden: false }], [1]],
    ["", { a: 1 }, [{ a: 1 }]],
    ["constructor", {}, []],
    ["__proto__.polluted", {}, []],
    ["toString", {}, []],
  ] satisfies [string, unknown, unknown[]][]
) {
  Deno.test(`${path} in ${JSON.stringify(payload)} leads to ${JSON.stringify(values)}`, () => {
    assertEquals(valuesAt(payload, path), values);
  });
}

Deno.test("the first rule with a value counts", () => {
  const rules = [{ at: "a" }, { at: "b" }];
  assertEquals(find(rules, { b: 2 }), [2]);
  assertEquals(find(rules, { a: 1, b: 2 }), [1]);
  assertEquals(find(rules, { c: 3 }), []);
});

Deno.test("a rule applies if every field matches, exactly or by prefix", () => {
  const rules = [{ when: { type: "delta", "part.kind": "text_*" }, at: "part.text" }];
  const payload = (type: unknown, kind: unknown) => ({ type, part: { kind, text: "x" } });
  assertEquals(find(rules, payload("delta", "text_")), ["x"]);
  assertEquals(find(rules, payload("delta", "text_delta")), ["x"]);
  assertEquals(find(rules, payload("delta", "json_delta")), []);
  assertEquals(find(rules, payload("deltas", "text_")), []);
  assertEquals(find(rules, payload(undefined, "text_")), []);
  assertEquals(find(rules, payload(["delta"], "text_")), []);
});

Deno.test("texts are joined, and other values are ignored", () => {
  const rules = [{ at: "parts.*.text" }];
  assertStrictEquals(findText(rules, { parts: [{ text: "a" }, { text: 1 }, { text: "b" }] }), "ab");
  assertStrictEquals(findText(rules, { parts: [{ text: 1 }] }), "");
  assertStrictEquals(findText(rules, {}), "");
  assertStrictEquals(findText([{ at: "empty" }, { at: "full" }], { empty: "", full: "a" }), "a");
});

Deno.test("numbers keep their fields: the last non-zero one counts, and other values are ignored", () => {
  const rules = [{ at: ["in", "cache.write", "cache.read"] }, { at: ["start.in", "start.write"] }];
  for (
    const [payload, known, numbers] of [
      [{ in: 5, cache: { write: 2, read: 10 } }, [], [5, 2, 10]],
      [{ in: 5 }, [], [5, 0, 0]],
      [{ start: { in: 3, write: 4 } }, [], [3, 4]],
      [{ in: 5 }, [3, 4], [5, 4, 0]],
      [{ in: 0, cache: { read: 7 } }, [3, 4], [3, 4, 7]],
      [{ in: "5" }, [3], [3]],
      [{ in: 0 }, [], [0, 0, 0]],
      [{}, [], []],
    ] as const
  ) assertEquals(findNumbers(rules, payload, known), numbers);
});
