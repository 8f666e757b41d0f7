import { assertEquals, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import fc from "fast-check";
import { digestEvents, emptyDigest } from "../../../lib/runs/model/digest.ts";
import type { LogEvent } from "../../../lib/runs/model/event.ts";
import { kindOf } from "../../../lib/runs/model/kinds.ts";
import { applyStored, emptyView, foldEvents, LOST } from "../../../lib/runs/model/view.ts";

function event(id: number, type: string, payload: unknown): LogEvent {
  const data = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { id, received_ms: 0, type, data };
}

const state = (id: number, run: unknown) =>
  event(id, "task_run.state", { type: "task_run.state", run });

Deno.test("kindOf knows every documented and observed type, and calls all others other", () => {
  const kinds = {
    "task_run.state": "state",
    "task_run.progress_stats": "stats",
    "task_run.progress_msg.plan": "plan",
    "task_run.progress_msg.search": "search",
    "task_run.progress_msg.extract": "extract",
    "task_run.progress_msg.result": "result",
    "task_run.progress_msg.tool": "tool",
    "task_run.progress_msg.tool_call": "tool",
    "task_run.progress_msg.exec_status": "exec",
    "task_run.progress_msg.reasoning": "reasoning",
    "task_run.progress_msg.analysis": "analysis",
    "task_run.progress_msg.tomorrow": "other",
    "task_run.progress_msg.constructor": "other",
    "error": "error",
    "message": "other",
  };
  for (const [type, kind] of Object.entries(kinds)) assertStrictEquals(kindOf(type), kind, type);
});

Deno.test("the view of an empty log knows only that the run is waiting", () => {
  const view = emptyView();
  assertStrictEquals(view.status, "queued");
  assertStrictEquals(view.progress, null);
  assertStrictEquals(view.sourcesRead, null);
});

Deno.test("a state event sets status, warnings and error", () => {
  const view = foldEvents([
    state(1, { status: "running", is_active: true, warnings: [{ type: "warning", message: "w" }] }),
    state(2, { status: "failed", is_active: false, error: { ref_id: "r", message: "boom" } }),
  ]);
  assertStrictEquals(view.status, "failed");
  assertStrictEquals(view.isActive, false);
  assertEquals(view.error, { type: "error", message: "boom", ref_id: "r" });
  assertEquals(view.warnings, [{ type: "warning", message: "w", ref_id: null }]);
});

Deno.test("action_required is not active, whether or not the API says so", () => {
  assertStrictEquals(foldEvents([state(1, { status: "action_required" })]).isActive, false);
});

Deno.test("stats without a meter keep the last progress, and sources add up", () => {
  const view = foldEvents([
    event(1, "task_run.progress_stats", {
      source_stats: { num_sources_considered: 9, num_sources_read: 2, sources_read_sample: ["u1"] },
      progress_meter: 40,
    }),
    event(2, "task_run.progress_stats", {
      source_stats: {
        num_sources_considered: 12,
        num_sources_read: null,
        sources_read_sample: ["u2", "u1"],
      },
    }),
  ]);
  assertStrictEquals(view.progress, 40);
  assertStrictEquals(view.sourcesConsidered, 12);
  assertStrictEquals(view.sourcesRead, 2);
  assertEquals(view.sources, ["u1", "u2"]);
});

Deno.test("an error event of the API is shown and does not end the run", () => {
  const view = foldEvents([event(1, "error", { error: { message: "hiccup", ref_id: "r" } })]);
  assertStrictEquals(view.isActive, true);
  assertStrictEquals(view.error?.message, "hiccup");
});

Deno.test("a final error of the recorder ends the view as lost", () => {
  const error = { message: "Recording stopped", ref_id: "r", detail: { recording: "stopped" } };
  const view = foldEvents([event(1, "error", { error })]);
  assertStrictEquals(view.status, LOST);
  assertStrictEquals(view.isActive, false);
});

Deno.test("a repeated ID changes nothing, so a resumed stream may overlap", () => {
  const view = foldEvents([state(1, { status: "running" })]);
  assertStrictEquals(applyStored(view, state(1, { status: "failed" })), view);
});

Deno.test("the reducer never throws for any event type or payload", () => {
  fc.assert(fc.property(
    fc.constantFrom(
      "task_run.state",
      "task_run.progress_stats",
      "error",
      "task_run.progress_msg.plan",
      "x",
    ),
    fc.oneof(fc.json(), fc.string()),
    (type, data) => {
      const view = applyStored(emptyView(), { id: 1, received_ms: null, type, data });
      assertStrictEquals(view.lastId, 1);
    },
  ));
});

Deno.test("the reducer never changes its input", () => {
  const view = Object.freeze(emptyView());
  applyStored(view, state(1, { status: "running" }));
  assertEquals(view, emptyView());
});

Deno.test("up to 2,000 sampled sources are distinguished", () => {
  const sample = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `https://s${from + n}.example/`);
  const view = foldEvents(
    [sample(0, 1_500), sample(1_000, 1_500), sample(9_000, 5)].map((urls, n) =>
      event(n + 1, "task_run.progress_stats", { source_stats: { sources_read_sample: urls } })
    ),
  );
  assertEquals(view.sources, sample(0, 2_000));
});

Deno.test("two successors of one view keep separate sources in order of first appearance", () => {
  const stats = (id: number, ...urls: string[]) => ({
    id,
    received_ms: 1,
    type: "task_run.progress_stats",
    data: JSON.stringify({ source_stats: { sources_read_sample: urls } }),
  });
  const first = applyStored(emptyView(), stats(1, "a", "b", "a"));
  const one = applyStored(first, stats(2, "b", "c"));
  const other = applyStored(first, stats(2, "d", "c", "a"));
  assertEquals([first.sources, one.sources, other.sources], [
    ["a", "b"],
    ["a", "b", "c"],
    ["a", "b", "d", "c"],
  ]);
  assertEquals(applyStored(one, stats(3, "c", "e")).sources, ["a", "b", "c", "e"]);
});

Deno.test("a digest parses each event once: a recorder makes it before each commit", () => {
  const events = [
    event(1, "task_run.progress_stats", { source_stats: { num_sources_read: 3 } }),
    event(2, "task_run.progress_msg.search", { message: "Query" }),
    event(3, "task_run.progress_msg.result", { message: "Finding" }),
  ];
  const { parse: original } = JSON;
  using parse = stub(JSON, "parse", (text: string) => original(text));
  const { view } = digestEvents(events, emptyDigest(0));
  assertStrictEquals(parse.calls.length, events.length);
  assertEquals(view.sourcesRead, 3);
});
