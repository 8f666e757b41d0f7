import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { stretchesOf, ticksOf } from "../../components/timeline/scale.ts";
import { drawable, Timeline } from "../../components/timeline/Timeline.tsx";
import { digestEvents, emptyDigest } from "../../lib/runs/model/digest.ts";
import type { LogEvent } from "../../lib/runs/model/event.ts";
import { timelineOf as shapeOf } from "../../lib/runs/model/timeline.ts";
import { event, HOSTILE, htmlOf, message, START_MS, state } from "./fixtures.ts";

const stats = (id: number, considered: number | null, read: number | null, seconds: number) =>
  event(id, "task_run.progress_stats", {
    source_stats: { num_sources_considered: considered, num_sources_read: read },
  }, { seconds });

const folded = (events: readonly LogEvent[]) =>
  digestEvents(events, emptyDigest(START_MS)).timeline;

const timelineOf = (events: readonly LogEvent[], startMs: number, endMs: number | null) =>
  shapeOf(folded(events), startMs, endMs);

const RUN: readonly LogEvent[] = [
  state(1, "queued"),
  event(2, "task_run.state", { run: { status: "running" } }, { seconds: 2 }),
  message(3, "plan", "First", 3),
  message(4, "search", "Objective: x", 10),
  message(5, "search", "Query: x", 10),
  stats(6, 100, 0, 12),
  message(7, "extract", "Extract: https://a.example/", 20),
  stats(8, 200, 50, 25),
  message(9, "plan", "Next", 30),
  event(10, "task_run.state", { run: { status: "completed" } }, { seconds: 40 }),
];

/** The timeline as the run's page shows it. */
function drawn(events: readonly LogEvent[], endMs: number | null): string {
  const shape = drawable(folded(events), START_MS, endMs);
  return shape === null ? "" : htmlOf(<Timeline shape={shape} />);
}

Deno.test("each phase lasts until the next one starts", () => {
  const { lengthMs, spans, phases } = timelineOf(RUN, START_MS, START_MS + 40_000);
  assertStrictEquals(lengthMs, 40_000);
  assertEquals(spans.map(({ lane, fromMs, toMs }) => [lane, fromMs, toMs]), [
    ["queued", 0, 2_000],
    ["other work", 2_000, 3_000],
    ["planning", 3_000, 10_000],
    ["searching", 10_000, 20_000],
    ["reading", 20_000, 30_000],
    ["planning", 30_000, 40_000],
  ]);
  assertEquals(phases.map(({ lane, tookMs, events }) => [lane, tookMs, events]), [
    ["queued", 2_000, 1],
    ["planning", 17_000, 2],
    ["searching", 10_000, 2],
    ["reading", 10_000, 1],
    ["other work", 1_000, 1],
  ]);
});

Deno.test("a timeline of any length stays small and has no gaps, and its phases stay exact", () => {
  const kinds = ["plan", "search", "extract", "tool_call", "result"];
  const long = Array.from(
    { length: 20_000 },
    (_, at) =>
      at % 7 === 0 ? stats(at + 1, at, at >> 1, at) : message(at + 1, kinds[at % 5]!, "x", at),
  );
  const { spans, phases, sources, lengthMs } = timelineOf(long, START_MS, START_MS + 20_000_000);
  assert(spans.length <= 401 && sources.length <= 200, `${spans.length}, ${sources.length}`);
  for (const [at, { fromMs }] of spans.entries()) {
    assertStrictEquals(fromMs, spans[at - 1]?.toMs ?? 0);
  }
  assertStrictEquals(phases.reduce((sum, { tookMs }) => sum + tookMs, 0), lengthMs);
  const messages = long.filter(({ type }) => type !== "task_run.progress_stats").length;
  assertStrictEquals(phases.reduce((sum, { events }) => sum + events, 0), messages);
  assert(JSON.stringify(folded(long)).length < 50_000);
});

Deno.test("the chart has a name, and the same content in words and as tables", () => {
  const html = drawn(RUN, START_MS + 40_000);
  assertMatch(
    html,
    /<svg[^>]*role="img" aria-label="The run over time" aria-describedby="timeline-text"/,
  );
  assertMatch(
    html,
    /40 s in all: queued 2\.0 s, planning 17 s[^<]*200 sources considered, 50 read/,
  );
  assertMatch(
    html,
    /<th scope="row">searching<\/th><td class="number">10 s<\/td><td class="number">2</,
  );
  assertMatch(
    html,
    /<th scope="row">0:25<\/th><td class="number">200<\/td><td class="number">50</,
  );
  assertMatch(html, /class="phase" data-lane="planning" d="M75 30h175M750 30h250"/);
  assertMatch(html, /40 s, 200 sources considered, 50 read/);
  assertNotMatch(html, /style=/);
});

Deno.test("a run without a duration or phases has no chart", () => {
  assertStrictEquals(drawn([], null), "");
  assertStrictEquals(
    drawn([state(1, "failed")], START_MS),
    "",
  );
});

Deno.test("a run without events shows no phases", () => {
  const events = [state(1, "running"), state(2, "completed")];
  assertStrictEquals(
    drawn(events, START_MS + 9_000),
    "",
  );
});

Deno.test("the newest count of sources is kept, however many there were", () => {
  let digest = emptyDigest(START_MS);
  for (let count = 1; count <= 500; count++) {
    digest = digestEvents([stats(count, count, count, count)], digest);
    const { sources } = digest.timeline;
    assertStrictEquals(sources[0]?.considered, 1);
    assertStrictEquals(sources.at(-1)?.considered, count);
    assert(sources.length <= 200);
  }
});

Deno.test("sources that the API never counted are not shown as zero", () => {
  const events = [state(1, "running"), stats(2, null, null, 5), message(3, "plan", "x", 9)];
  const html = drawn(events, START_MS + 9_000);
  assertNotMatch(html, /0 sources considered/);
  assertMatch(html, /<td class="number">–/);
});

Deno.test("for any events, phases fill the run without gaps and stay inside the chart", () => {
  const kind = fc.constantFrom("plan", "search", "extract", "tool_call", "result", HOSTILE);
  const events = fc.array(fc.record({ kind, seconds: fc.integer({ min: -5, max: 9_000 }) }), {
    minLength: 1,
  });
  fc.assert(fc.property(events, fc.integer({ min: 1, max: 20_000 }), (list, seconds) => {
    const log = list.map((each, at) => message(at + 1, each.kind, "x", each.seconds));
    const { lengthMs, spans } = timelineOf(log, START_MS, START_MS + seconds * 1000);
    let at = 0;
    for (const span of spans) {
      assertStrictEquals(span.fromMs, at);
      assert(span.toMs >= span.fromMs);
      at = span.toMs;
    }
    assertStrictEquals(at, lengthMs);
    const stretches = stretchesOf(spans, lengthMs);
    for (const { at, width } of stretches) {
      assert(at >= 0 && width > 0 && at + width <= 1.000001);
    }
    assert(stretches.length < 400);
  }));
});

Deno.test("the axis has few labels, starting at 0, for any length", () => {
  assertEquals(ticksOf(40_000), [0, 10_000, 20_000, 30_000, 40_000]);
  fc.assert(fc.property(fc.integer({ min: 1, max: 400 * 24 * 3_600_000 }), (ms) => {
    const ticks = ticksOf(ms);
    assertStrictEquals(ticks[0], 0);
    assert(ticks.length <= 5 && (ticks.at(-1) ?? 0) <= ms);
  }));
});

Deno.test("a run that changes phase 20,000 times is a chart of a few KB", () => {
  const events = Array.from(
    { length: 20_000 },
    (_, at) => message(at + 1, at % 2 === 0 ? "plan" : "search", "x", at),
  );
  assert(drawn(events, START_MS + 20_000_000).length < 12_000);
});
