/** An export can be imported unchanged, and an invalid one is rejected with the line. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { isCapture } from "../../routes/inspect/(_parts)/encoding.ts";
import { exportLines } from "../../routes/inspect/(_parts)/export.ts";
import { importCapture } from "../../routes/inspect/(_parts)/ndjson.ts";
import { StreamScanner } from "../../routes/inspect/(_parts)/scan.ts";
import { encodeSSE } from "../../lib/sse/mod.ts";
import { blocksOf } from "./tools.ts";

/** The blocks of an imported file. */
function imported(text: string) {
  const read = importCapture(text);
  assert(read.ok, read.ok ? "" : read.problem);
  const scanner = new StreamScanner();
  for (const event of read.events) scanner.push(new TextEncoder().encode(event.text), event.atMs);
  scanner.end();
  return scanner.blocks;
}

const problemOf = (text: string) => {
  const read = importCapture(text);
  return read.ok ? "" : read.problem;
};

Deno.test("an export has one event per line, with the format's names", () => {
  const blocks = blocksOf([": c\n\nid: 1\nretry: 9\ndata: a\ndata: b\n\n", 12.3456], [
    "data: cut",
    20,
  ]);
  assertEquals([...exportLines(blocks)], [
    '{"offset_ms":12.346,"id":"1","event":"message","data":"a\\nb","retry":9}\n',
  ]);
});

const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\0\r\n]/g, " "));
const event = fc.record({
  id: fc.option(line, { nil: undefined }),
  event: fc.option(line, { nil: undefined }),
  data: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n")),
  retry: fc.option(fc.nat(1e6), { nil: undefined }),
});

Deno.test("any stream round-trips through its export", () => {
  fc.assert(fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
    const blocks = blocksOf(...events.map((each, at) => [encodeSSE(each), at * 10] as const));
    const text = [...exportLines(blocks)].join("");
    assert(isCapture(text));
    const again = imported(text);
    assertStrictEquals([...exportLines(again)].join(""), text);
    assertStrictEquals(again.every(({ faults }) => faults.length === 0), true);
  }));
});

Deno.test("a trace's times start at its first event, and types come from its payloads", () => {
  const blocks = imported([
    '{"id":1,"received_ms":5000,"event":{"type":"task_run.state","x":1}}',
    "",
    '{"id":2,"received_ms":5250,"event":"no JSON"}',
    '{"id":3,"received_ms":null,"event":{"type":"a"}}',
  ].join("\r\n"));
  assertEquals(blocks.map(({ id, event, data, atMs }) => [id, event, data, atMs]), [
    ["1", "task_run.state", '{"type":"task_run.state","x":1}', 0],
    ["2", "message", "no JSON", 250],
    ["3", "a", '{"type":"a"}', null],
  ]);
});

Deno.test("the events of a run's result.json are read", () => {
  const blocks = imported(JSON.stringify(
    { run: {}, events: [{ id: 1, received_ms: 7, event: { type: "a" } }] },
    null,
    2,
  ));
  assertEquals(blocks.map(({ event }) => event), ["a"]);
});

Deno.test("a file with a byte order mark is read", () => {
  assertStrictEquals(
    imported('\uFEFF{"offset_ms":null,"id":"","event":"message","data":"x","retry":null}').length,
    1,
  );
});

for (
  const [title, text, expected] of [
    ["a line that is no JSON", '{"data":"x"}\n{', /^Line 2 is neither/],
    ["a line of another kind", '{"hello":1}', /^Line 1 is neither/],
    ["an event of another kind", '{"events":[{"id":1}]}', /^Event 1 is neither/],
    ["an id that no stream can carry", '{"id":"a\\nb","data":"x"}', /^Line 1 is neither/],
    ["a retry that is no whole number", '{"data":"x","retry":-1}', /^Line 1 is neither/],
  ] as const
) {
  Deno.test(`${title} is rejected with its line number`, () =>
    assertMatch(problemOf(text), expected));
}

Deno.test("the first bytes tell a stream from a capture", () => {
  assertStrictEquals(isCapture('  {"data":"x"}'), true);
  assertStrictEquals(isCapture("data: {}"), false);
  assertStrictEquals(isCapture(""), false);
});
