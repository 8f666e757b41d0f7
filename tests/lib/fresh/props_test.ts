/** Island props arrive in the browser as they left the server, or are rejected with their path. */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { h } from "preact";
import fc from "fast-check";
import { reviver } from "../../../lib/fresh/client/revive.ts";
import { makers } from "../../../lib/fresh/client/signals.ts";
import { serializeProps } from "../../../lib/fresh/render/serialize.ts";
import { assertError } from "../../assert_error.ts";

function roundTrip<T extends object[]>(...roots: T): T {
  const sent = serializeProps(roots.map((props, index) => ({ name: `Island${index}`, props })));
  const get = reviver(JSON.parse(sent.json), makers);
  return sent.roots.map((root) => get(root)) as unknown as T;
}

const value = (given: unknown): unknown => roundTrip({ given })[0].given;

Deno.test("values arrive unchanged", () => {
  for (
    const given of [
      "text </script><!-- \u2028 \ud800 é 🙂",
      "",
      0,
      1.5e300,
      true,
      null,
      undefined,
      NaN,
      Infinity,
      -Infinity,
      -0,
      12345678901234567890n,
      -1n,
      new Date(86_400_000),
      new Date(NaN),
      new URL("https://x.example/a?b#c"),
      new Map<unknown, unknown>([["a", 1], [{ k: 1 }, [2]]]),
      new Set([1, "a", NaN, [1]]),
      [],
      {},
      [[], {}, [undefined, -0]],
      { 0: "zero", __proto__x: 1, constructor: "c", "": null },
      Object.assign(Object.create(null), { a: 1 }).a,
    ]
  ) {
    assertEquals(value(given), given);
  }
});

Deno.test("an own __proto__ stays a key like any other", () => {
  const given = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
  const arrived = value(given) as object;
  assertEquals(Object.keys(arrived), ["__proto__", "a"]);
  assertStrictEquals(Object.getPrototypeOf(arrived), Object.prototype);
  assertStrictEquals(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("any JSON, and any nesting of other supported values, survives", () => {
  const leaf = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: false }),
    fc.webUrl().map((url) => new URL(url)),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("tree"), { maxLength: 5 }),
      fc.dictionary(fc.string(), tie("tree"), { maxKeys: 5, noNullPrototype: true }),
      fc.array(fc.tuple(tie("tree"), tie("tree")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      fc.array(tie("tree"), { maxLength: 3 }).map((items) => new Set(items)),
    ),
  }));
  fc.assert(
    fc.property(tree, (given) => assertEquals(value(given), given)),
    { numRuns: 1500 },
  );
});

Deno.test("a reference shared within and between islands stays one object, and cycles survive", () => {
  const shared = { n: 1 };
  const [first, second] = roundTrip({ a: shared, b: [shared] }, { c: shared });
  assertStrictEquals(first.a, first.b[0]);
  assertStrictEquals(first.a, second.c);
  const ring: { self?: unknown; map: Map<unknown, unknown>; list: unknown[] } = {
    map: new Map(),
    list: [],
  };
  ring.self = ring;
  ring.map.set("ring", ring).set(ring.map, 1);
  ring.list.push(ring.list);
  const arrived = value(ring) as typeof ring;
  assertStrictEquals(arrived.self, arrived);
  assertStrictEquals(arrived.map.get("ring"), arrived);
  assertStrictEquals(arrived.map.get(arrived.map), 1);
  assertStrictEquals(arrived.list[0], arrived.list);
});

Deno.test("a signal given twice stays one signal, and a computed becomes read-only", () => {
  const count = signal(1);
  const double = computed(() => count.value * 2);
  const loop: Signal<unknown> = signal(null);
  loop.value = { loop };
  const [a, b] = roundTrip({ count, loop }, { count, double });
  assertStrictEquals(a.count, b.count);
  a.count.value = 5;
  assertStrictEquals(b.count.value, 5);
  assertStrictEquals((b.double as ReadonlySignal<number>).value, 2);
  assertThrows(() => {
    (b.double as Signal<number>).value = 3;
  });
  assertStrictEquals((a.loop.value as { loop: unknown }).loop, a.loop);
});

Deno.test("a page loads only the code that its props need", () => {
  const needs = (a: unknown) => serializeProps([{ name: "A", props: { a } }]).needs;
  assertStrictEquals(needs([1, "s", null, undefined, { b: [NaN, ["x"]] }]), "plain");
  for (const value of [new Date(), new Map(), new Set(), 1n, new URL("https://x.example")]) {
    assertStrictEquals(needs([value]), "types");
  }
  assertStrictEquals(needs([signal(1)]), "signals");
  assertStrictEquals(needs([new Date(), signal(1)]), "signals");
  assertStrictEquals(needs([signal(1), new Date()]), "signals");
});

Deno.test("unserializable props are rejected with the island's name and the prop's path", () => {
  class Point {
    x = 1;
  }
  class Money extends Map {}
  const named: unknown[] & { name?: string } = [1];
  named.name = "x";
  const rows: [unknown, RegExp][] = [
    [() => 1, /^Island prop Chart\.a\.b\[1\] is a function, which cannot be sent/],
    [Symbol("s"), /Chart\.a\.b\[1\] is a symbol/],
    [new Point(), /Chart\.a\.b\[1\] is an instance of Point/],
    [new Money(), /instance of Money/],
    [new Error("x"), /instance of Error/],
    [Promise.resolve(1), /instance of Promise/],
    [new Uint8Array(1), /instance of Uint8Array/],
    [/x/, /instance of RegExp/],
    [[, 1], /Chart\.a\.b\[1\] is an array with holes/],
    [new ArrayBuffer(1), /instance of ArrayBuffer/],
    [new WeakMap(), /instance of WeakMap/],
    [Object(1), /instance of Number/],
    [h("p", null), /is JSX/],
    [{ [Symbol("k")]: 1 }, /symbol keys/],
    [named, /Chart\.a\.b\[1\]\.name is a named property/],
    [new Map([["k", () => 1]]), /Chart\.a\.b\[1\]<"k"> is a function/],
    [signal(() => 1), /Chart\.a\.b\[1\]\.value is a function/],
  ];
  for (const [given, message] of rows) {
    assertError(
      assertThrows(() => serializeProps([{ name: "Chart", props: { a: { b: [0, given] } } }])),
      (error) => error instanceof TypeError && message.test(error.message),
    );
  }
});
