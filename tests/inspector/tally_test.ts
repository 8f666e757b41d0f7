/** The figures of a stream. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { count, emptyTally, eventRate } from "../../routes/inspect/(_parts)/tally.ts";
import {
  cost,
  costOf,
  gap,
  offset,
  perSecond,
  resumedBy,
  stretch,
} from "../../routes/inspect/(_parts)/words.ts";
import { blocksOf } from "./tools.ts";

function tallyOf(blocks: ReturnType<typeof blocksOf>) {
  const tally = emptyTally();
  for (const block of blocks) count(tally, block);
  return tally;
}

Deno.test("events, comments, errors, types and bytes are counted", () => {
  const tally = tallyOf(blocksOf(
    ": a\n: b\n\nevent: x\ndata: 1\n\nevent: x\ndata\nfoo: 2\n\nevent: y\n\ndata: cut",
  ));
  assertStrictEquals(tally.events, 2);
  assertStrictEquals(tally.comments, 2);
  assertStrictEquals(tally.undelivered, 2);
  assertStrictEquals(tally.lost, 3);
  assertStrictEquals(tally.notes, 1);
  assertEquals([...tally.types], [["x", 2]]);
  assertStrictEquals(tally.bytes, 68);
});

Deno.test("a line that breaks two rules counts as one ignored line", () => {
  const tally = tallyOf(blocksOf("no stream at all"));
  assertStrictEquals(tally.lost, 1);
  assertStrictEquals(tally.notes, 0);
});

Deno.test("times give the first event, the rate and the longest silence", () => {
  const tally = tallyOf(blocksOf(
    [": hi\n\n", 100],
    ["data: 1\n\n", 1000],
    ["data: 2\n\ndata: 3\n\n", 1500],
    ["data: 4\n\n", 4000],
  ));
  assertStrictEquals(tally.firstMs, 1000);
  assertStrictEquals(tally.lastMs, 4000);
  assertEquals(tally.longestGap, { ms: 2500, index: 4 });
  assertStrictEquals(eventRate(tally), 1);
});

Deno.test("a stream without times, or with only one, has no rate", () => {
  assertStrictEquals(eventRate(tallyOf(blocksOf("data: 1\n\ndata: 2\n\n"))), null);
  assertStrictEquals(eventRate(tallyOf(blocksOf(["data: 1\n\ndata: 2\n\n", 5]))), null);
});

Deno.test("figures are formatted for people", () => {
  assertStrictEquals(offset(null), "–");
  assertStrictEquals(offset(42.4), "0.042");
  assertStrictEquals(offset(59_999.9), "1:00.000");
  assertStrictEquals(offset(187_120), "3:07.120");
  assertStrictEquals(gap(0), "+0 ms");
  assertStrictEquals(gap(2400), "+2.4 s");
  assertStrictEquals(gap(null), "");
  assertStrictEquals(stretch(999), "999 ms");
  assertStrictEquals(perSecond(2.55, "events"), "2.5 events/s");
  assertStrictEquals(perSecond(120.4, "tokens"), "120 tokens/s");
  assertStrictEquals(perSecond(null, "tokens"), "–");
});

Deno.test("a cost is shown if prices and the request's tokens are known", () => {
  const usage = { inputTokens: 1000, outputTokens: 2, estimated: false };
  assertStrictEquals(costOf(usage, { input: 2, output: 10 }), 0.00202);
  assertStrictEquals(costOf(usage, null), null);
  assertStrictEquals(costOf({ outputTokens: 2, estimated: true }, { input: 2, output: 10 }), null);
  assertStrictEquals(cost(0.00202), "$0.00202");
  assertStrictEquals(cost(0.0000001234), "< $0.000001");
  assertStrictEquals(cost(1.5), "$1.50");
  assertStrictEquals(cost(null), "–");
});

Deno.test("a stream can resume with its ID if a header can carry it", () => {
  assertStrictEquals(resumedBy("7"), "7");
  assertStrictEquals(resumedBy("a\tb é"), "a\tb é");
  assertMatch(resumedBy(""), /no id/);
  for (const id of ["a\x01b", "\x7f", "x".repeat(4097)]) {
    assertMatch(resumedBy(id), /a header cannot contain/);
  }
});
