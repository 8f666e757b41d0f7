/** The list is filtered slice by slice and shows the latest query. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { EVERYTHING } from "../../routes/inspect/(_parts)/filter.ts";
import { Sieve } from "../../routes/inspect/(_parts)/sieve.ts";
import { settle } from "./bench.ts";
import { blocksOf } from "./tools.ts";

const BLOCKS = blocksOf(
  Array.from({ length: 10_000 }, (_, at) => `event: ${at % 2 ? "odd" : "even"}\ndata: ${at}\n\n`)
    .join(""),
);

/** A sieve whose breaths last until the test lets it go on. */
function held() {
  const breaths: (() => void)[] = [];
  let changes = 0;
  const sieve = new Sieve({
    pause: () => new Promise((resolve) => void breaths.push(resolve)),
    onChange: () => changes++,
  });
  const breathe = async () => {
    breaths.shift()?.();
    await settle();
  };
  return { sieve, breathe, waiting: () => breaths.length, changes: () => changes };
}

Deno.test("a long list is filtered in slices, and the page shows each of them", async () => {
  const { sieve, breathe, waiting, changes } = held();
  sieve.sift(BLOCKS, BLOCKS.length);
  assertStrictEquals(waiting(), 1);
  const first = sieve.rows.length;
  assert(first > 0 && first < 10_000);
  assertStrictEquals(changes(), 1);
  while (waiting() > 0) await breathe();
  assertEquals(sieve.rows, BLOCKS.map(({ index }) => index));
  assert(changes() > 2);
});

Deno.test("a new query restarts the filter", async () => {
  const { sieve, breathe, waiting } = held();
  sieve.sift(BLOCKS, BLOCKS.length);
  sieve.ask({ ...EVERYTHING, type: "odd" });
  while (waiting() > 0) await breathe();
  assertStrictEquals(sieve.rows.length, 5000);
  assert(sieve.rows.every((index) => index % 2 === 1));
});

Deno.test("another stream during filtering leaves nothing of the previous one", async () => {
  const { sieve, breathe, waiting } = held();
  sieve.sift(BLOCKS, BLOCKS.length);
  sieve.restart();
  sieve.sift(BLOCKS, 3);
  while (waiting() > 0) await breathe();
  assertEquals(sieve.rows, [0, 1, 2]);
});

Deno.test("an invalid pattern is reported and leaves the list unchanged", () => {
  const { sieve } = held();
  sieve.sift(BLOCKS, 4);
  sieve.ask({ ...EVERYTHING, text: "/(/" });
  assertMatch(sieve.problem ?? "", /not a regular expression/);
  assertEquals(sieve.rows, [0, 1, 2, 3]);
  sieve.ask({ ...EVERYTHING, text: "2" });
  assertStrictEquals(sieve.problem, null);
  assertEquals(sieve.rows, [2]);
});
