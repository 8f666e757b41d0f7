/** The strip counts every timed block once, in its part of the time. */
import { assertEquals } from "@std/assert";
import { columnsOf } from "../../routes/inspect/(_parts)/Timeline.tsx";
import { blocksOf } from "./tools.ts";

const BLOCKS = blocksOf(
  ["data: 1\n\ndata: 2\n\n", 0],
  ["data: 3\n\n", 499],
  ["data: 4\n\n", 500],
  ["data: 5\n\n", 1000],
);

Deno.test("each block falls into its time slot, and the last block into the last slot", () => {
  assertEquals(columnsOf(BLOCKS, 5, 2), [3, 2]);
  assertEquals(columnsOf(BLOCKS, 5, 4), [2, 1, 1, 1]);
});

Deno.test("a replay fills the strip from the left, over the whole time", () => {
  assertEquals(columnsOf(BLOCKS, 3, 2), [3, 0]);
});

Deno.test("blocks without times, and no blocks, make an empty strip", () => {
  assertEquals(columnsOf(blocksOf("data: 1\n\n"), 1, 2), [0, 0]);
  assertEquals(columnsOf([], 0, 2), [0, 0]);
});
