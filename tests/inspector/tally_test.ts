/** The figures of a stream. */
import assert from "node:assert/strict";
import { count, emptyTally, eventRate } from "../../components/inspector/tally.ts";
import {
  cost,
  costOf,
  gap,
  offset,
  perSecond,
  resumedBy,
  stretch,
} from "../../components/inspector/words.ts";
import { blocksOf } from "./tools.ts";

function tallyOf(blocks: ReturnType<typeof blocksOf>) {
  const tally = emptyTally();
  for (const block of blocks) count(tally, block);
  return tally;
}

Deno.test("events, comments, faults, types and bytes are counted", () => {
  const tally = tallyOf(blocksOf(
    ": a\n: b\n\nevent: x\ndata: 1\n\nevent: x\ndata\nfoo: 2\n\nevent: y\n\ndata: cut",
  ));
  assert.equal(tally.events, 2);
  assert.equal(tally.comments, 2);
  assert.equal(tally.undelivered, 2);
  assert.equal(tally.lost, 3);
  assert.equal(tally.notes, 1);
  assert.deepEqual([...tally.types], [["x", 2]]);
  assert.equal(tally.bytes, 68);
});

Deno.test("a line that breaks two rules is one line without effect", () => {
  const tally = tallyOf(blocksOf("no stream at all"));
  assert.equal(tally.lost, 1);
  assert.equal(tally.notes, 0);
});

Deno.test("times give the first event, the rate and the longest silence", () => {
  const tally = tallyOf(blocksOf(
    [": hi\n\n", 100],
    ["data: 1\n\n", 1000],
    ["data: 2\n\ndata: 3\n\n", 1500],
    ["data: 4\n\n", 4000],
  ));
  assert.equal(tally.firstMs, 1000);
  assert.equal(tally.lastMs, 4000);
  assert.deepEqual(tally.longestGap, { ms: 2500, index: 4 });
  assert.equal(eventRate(tally), 1);
});

Deno.test("a stream without times has no rate, nor has one moment", () => {
  assert.equal(eventRate(tallyOf(blocksOf("data: 1\n\ndata: 2\n\n"))), null);
  assert.equal(eventRate(tallyOf(blocksOf(["data: 1\n\ndata: 2\n\n", 5]))), null);
});

Deno.test("figures are written as people read them", () => {
  assert.equal(offset(null), "–");
  assert.equal(offset(42.4), "0.042");
  assert.equal(offset(59_999.9), "1:00.000");
  assert.equal(offset(187_120), "3:07.120");
  assert.equal(gap(0), "+0 ms");
  assert.equal(gap(2400), "+2.4 s");
  assert.equal(gap(null), "");
  assert.equal(stretch(999), "999 ms");
  assert.equal(perSecond(2.55, "events"), "2.5 events/s");
  assert.equal(perSecond(120.4, "tokens"), "120 tokens/s");
  assert.equal(perSecond(null, "tokens"), "–");
});

Deno.test("a cost is known where prices and the request's tokens are", () => {
  const usage = { inputTokens: 1000, outputTokens: 2, estimated: false };
  assert.equal(costOf(usage, { input: 2, output: 10 }), 0.00202);
  assert.equal(costOf(usage, null), null);
  assert.equal(costOf({ outputTokens: 2, estimated: true }, { input: 2, output: 10 }), null);
  assert.equal(cost(0.00202), "$0.00202");
  assert.equal(cost(0.0000001234), "< $0.000001");
  assert.equal(cost(1.5), "$1.50");
  assert.equal(cost(null), "–");
});

Deno.test("what resumes a stream is its id, where a header can carry it", () => {
  assert.equal(resumedBy("7"), "7");
  assert.equal(resumedBy("a\tb é"), "a\tb é");
  assert.match(resumedBy(""), /no id/);
  for (const id of ["a\x01b", "\x7f", "x".repeat(4097)]) assert.match(resumedBy(id), /no header/);
});
