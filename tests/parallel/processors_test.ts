import { assertEquals, assertStrictEquals } from "@std/assert";
import { priceOf, processor, PROCESSORS } from "../../lib/parallel/processors.ts";

const PRICES: readonly (readonly [string, number])[] = [
  ["lite", 0.005],
  ["base", 0.01],
  ["core", 0.025],
  ["core2x", 0.05],
  ["pro", 0.1],
  ["ultra", 0.3],
  ["ultra2x", 0.6],
  ["ultra4x", 1.2],
  ["ultra8x", 2.4],
];

Deno.test("the table contains the nine processors and their fast variants", () => {
  const names = PRICES.map(([name]) => name);
  assertEquals(
    PROCESSORS.map(({ name }) => name),
    [...names, ...names.map((name) => `${name}-fast`)],
  );
});

for (const [name, price] of PRICES) {
  Deno.test(`${name} and ${name}-fast cost ${price} dollars a run`, () => {
    for (const each of [name, `${name}-fast`]) {
      assertStrictEquals(priceOf(each), price);
      assertStrictEquals(processor(each)?.pricePerThousand, Math.round(price * 1000));
    }
  });
}

Deno.test("the price of a processor that is not in the table is unknown, not zero", () => {
  assertStrictEquals(priceOf("mega"), null);
  assertStrictEquals(processor("toString"), null);
});

Deno.test("events are on by default for pro and above", () => {
  const on = PROCESSORS.filter(({ eventsByDefault }) => eventsByDefault).map(({ name }) => name);
  assertEquals(on.filter((name) => !name.endsWith("-fast")), [
    "pro",
    "ultra",
    "ultra2x",
    "ultra4x",
    "ultra8x",
  ]);
  assertStrictEquals(on.length, 10);
});

const LATENCIES: readonly (readonly [string, string, number, number])[] = [
  ["lite", "10 s to 2 min", 10, 120],
  ["core", "1 to 5 min", 60, 300],
  ["pro", "2 to 10 min", 120, 600],
  ["ultra8x", "5 min to 2 h", 300, 7200],
  ["core-fast", "15 to 100 s", 15, 100],
];
for (const [name, latency, min, max] of LATENCIES) {
  Deno.test(`${name} usually takes ${latency}`, () => {
    assertStrictEquals(processor(name)?.latency, latency);
    assertEquals(processor(name)?.seconds, { min, max });
  });
}
