import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { importCapture } from "../../routes/inspect/(_parts)/ndjson.ts";
import { parseSSE } from "../../lib/sse/mod.ts";
import { event, message, runPage, state } from "../pages/fixtures.ts";
import { traceLines } from "./whole.ts";

const OUTPUT = { type: "text" as const, content: "Nile\nline", basis: [] };

const EVENTS = [
  state(1, "running"),
  message(2, "plan", "First, count", 3),
  event(3, "odd", "not json"),
  event(4, "pretty", '{\n  "a": 1\n}', { seconds: 9 }),
  state(5, "completed", {}),
].map((each) =>
  each.id === 5 ? { ...each, data: each.data.replace(/}$/, ',"output":null}') } : each
);

const page = (simulated = false) => runPage(EVENTS, { output: OUTPUT, ended: true, simulated });

Deno.test("every event is one line of JSON with its original payload, and the last has the result", () => {
  const lines = [...traceLines(page())];
  assertStrictEquals(lines.length, 5);
  for (const line of lines) assertMatch(line, /^[^\n]+\n$/);
  assert(lines[1]?.includes(EVENTS[1]!.data), "the very text");
  const last = JSON.parse(lines[4] ?? "");
  assertEquals([last.id, last.event.output], [5, OUTPUT]);
  assertEquals(JSON.parse(lines[2] ?? ""), {
    id: 3,
    received_ms: EVENTS[2]!.received_ms,
    type: "odd",
    event: "not json",
  });
});

Deno.test("a payload beyond the limits of values or levels is written as text", () => {
  for (const data of [`[${"[],".repeat(600_000)}0]`, "[".repeat(2_000) + "]".repeat(2_000)]) {
    const line = [...traceLines(runPage([event(1, "odd", data)], { ended: true }))].join("");
    assertEquals(JSON.parse(line).event, data);
    assertEquals(JSON.parse(line).type, "odd");
  }
});

Deno.test("the inspector replays it with the log's IDs, types and payloads", async () => {
  const capture = importCapture([...traceLines(page(true))].join(""));
  assert(capture.ok);
  const text = capture.events.map((each) => each.text).join("");
  const events = await Array.fromAsync(parseSSE(new Response(text)));
  assertEquals(events.map((each) => each.id), ["1", "2", "3", "4", "5"]);
  assertStrictEquals(events[1]?.event, "task_run.progress_msg.plan");
  assertStrictEquals(events[1]?.data, EVENTS[1]?.data);
  assertStrictEquals(events[2]?.data, "not json");
});

Deno.test("every line of a simulated trace says so", () => {
  for (const line of traceLines(page(true))) assertStrictEquals(JSON.parse(line).simulated, true);
  for (const line of traceLines(page())) assert(!("simulated" in JSON.parse(line)));
});
