import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { memberSpan } from "../../lib/base/json_span.ts";

const cut = (json: string, name = "output") => {
  const span = memberSpan(json, name);
  return span === null ? null : json.slice(...span);
};

const CASES: readonly [json: string, value: string | null][] = [
  [`{"output":null}`, "null"],
  [`{"output":{"a":[1,{"output":2}]},"b":3}`, `{"a":[1,{"output":2}]}`],
  [`{"run":{"output":1},"output":2}`, "2"],
  [`{ "output" : [ 1 , 2 ] , "x":1}`, "[ 1 , 2 ]"],
  [`{"a":"output","output":"x,\\"}"}`, `"x,\\"}"`],
  [`{"a":"\\\\","output":1}`, "1"],
  [`{"output":"ends with backslash \\\\"}`, `"ends with backslash \\\\"`],
  [`{"a":1}`, null],
  [`[{"output":1}]`, null],
  [`"output"`, null],
  [`{"output":`, null],
  [``, null],
];

for (const [json, value] of CASES) {
  Deno.test(`memberSpan of ${json || "nothing"} is ${value}`, () =>
    assertStrictEquals(cut(json), value));
}

Deno.test("memberSpan finds any member of any object", () => {
  fc.assert(fc.property(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.string(),
    fc.jsonValue(),
    fc.constantFrom(undefined, 2),
    (others, name, value, indent) => {
      const json = JSON.stringify({ ...others, [name]: value }, null, indent);
      // An own `__proto__` key in a literal sets the prototype instead.
      fc.pre(Object.hasOwn(JSON.parse(json), name));
      assertEquals(JSON.parse(cut(json, name)!), JSON.parse(json)[name]);
    },
  ));
});
