/** The list is filtered slice by slice and shows the latest query. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { BlockFilter, EVERYTHING } from "../../routes/inspect/(_parts)/filter.ts";
import { settle } from "./bench.ts";
import { blocksOf } from "./tools.ts";

const BLOCKS = blocksOf(
  Array.from({ length: 10_000 }, (_, at) => `event: ${at % 2 ? "odd" : "even"}\ndata: ${at}\n\n`)
    .join(""),
);

/** A filter that pauses until the test calls `resume`. */
function held() {
  const pauses: (() => void)[] = [];
  let changes = 0;
  const filter = new BlockFilter({
    pause: () => new Promise((resolve) => void pauses.push(resolve)),
    onChange: () => changes++,
  });
  const resume = async () => {
    pauses.shift()?.();
    await settle();
  };
  return { filter, resume, waiting: () => pauses.length, changes: () => changes };
}

Deno.test("a long list is filtered in slices, and the page shows each of them", async () => {
  const { filter, resume, waiting, changes } = held();
  filter.advance(BLOCKS, BLOCKS.length);
  assertStrictEquals(waiting(), 1);
  const first = filter.rows.length;
  assert(first > 0 && first < 10_000);
  assertStrictEquals(changes(), 1);
  while (waiting() > 0) await resume();
  assertEquals(filter.rows, BLOCKS.map(({ index }) => index));
  assert(changes() > 2);
});

Deno.test("a new query restarts the filter", async () => {
  const { filter, resume, waiting } = held();
  filter.advance(BLOCKS, BLOCKS.length);
  filter.setSpec({ ...EVERYTHING, type: "odd" });
  while (waiting() > 0) await resume();
  assertStrictEquals(filter.rows.length, 5000);
  assert(filter.rows.every((index) => index % 2 === 1));
});

Deno.test("another stream during filtering leaves nothing of the previous one", async () => {
  const { filter, resume, waiting } = held();
  filter.advance(BLOCKS, BLOCKS.length);
  filter.restart();
  filter.advance(BLOCKS, 3);
  while (waiting() > 0) await resume();
  assertEquals(filter.rows, [0, 1, 2]);
});

Deno.test("an invalid pattern is reported and leaves the list unchanged", () => {
  const { filter } = held();
  filter.advance(BLOCKS, 4);
  filter.setSpec({ ...EVERYTHING, text: "/(/" });
  assertMatch(filter.problem ?? "", /not a regular expression/);
  assertEquals(filter.rows, [0, 1, 2, 3]);
  filter.setSpec({ ...EVERYTHING, text: "2" });
  assertStrictEquals(filter.problem, null);
  assertEquals(filter.rows, [2]);
});
