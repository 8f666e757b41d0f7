/** Which events are new when each connection replays the earlier ones, by position. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ReplayFold } from "../../lib/sse/mod.ts";

/** What is new of these connections, in order. */
function fold(connections: readonly string[], known = ""): string {
  const fold = new ReplayFold();
  for (const key of known) fold.recorded(key);
  let seen = known;
  for (const connection of connections) {
    fold.connected();
    for (const key of connection) if (fold.isNew(key)) seen += key;
  }
  assertStrictEquals(fold.size, seen.length);
  return seen;
}

for (
  const [what, connections, seen, known] of [
    ["a first connection is new", ["abc"], "abc"],
    ["a whole replay is none of it", ["ab", "abc"], "abc"],
    ["a replay that stops early loses nothing", ["abc", "a", "abcd"], "abcd"],
    ["two equal events are two", ["aa"], "aa"],
    ["equal events are replayed as often as they came", ["aa", "aa"], "aa"],
    ["one more equal event is new", ["aa", "aaa"], "aaa"],
    ["a late replay is aligned", ["abc", "bcd"], "abcd"],
    ["at its longest match", ["abac", "acd"], "abacd"],
    ["no replay at all is new", ["ab", "cd"], "abcd"],
    ["a replay may leave an event out", ["abc", "acd"], "abcd"],
    ["after the first new one a repeat is new", ["ab", "abca"], "abca"],
    ["a log from before goes on", ["abc"], "abc", "ab"],
    ["without a connection everything is new", [], "", ""],
  ] as const
) {
  Deno.test(what, () => assertStrictEquals(fold(connections, known), seen));
}

Deno.test("for any interruptions, each event of a replaying stream is new once", () => {
  const stream = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
  fc.assert(fc.property(stream, fc.array(fc.nat(12), { maxLength: 6 }), (whole, cuts) => {
    // A later connection sees at least as much of the stream as an earlier one.
    const connections = cuts.sort((a, b) => a - b).map((cut) => whole.slice(0, cut));
    assertStrictEquals(fold([...connections, whole]), whole);
  }));
});

Deno.test("without a connection event everything counts as new", () => {
  const fold = new ReplayFold();
  assertEquals([..."aab"].map((key) => fold.isNew(key)), [true, true, true]);
});
