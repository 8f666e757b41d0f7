import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Figures, prometheusText } from "../../lib/telemetry/mod.ts";
import { BOUNDS_MS, Histogram } from "../../lib/telemetry/histogram.ts";

Deno.test("a histogram counts each value in the first range that contains it", () => {
  const histogram = new Histogram();
  for (const ms of [0, 0.5, 0.6, 30_000, 30_001]) histogram.record(ms);
  const cumulative = histogram.cumulative();
  assertStrictEquals(cumulative.length, BOUNDS_MS.length + 1);
  assertEquals(cumulative[0], { bound: 0.5, count: 2 });
  assertEquals(cumulative[1], { bound: 1, count: 3 });
  assertEquals(cumulative.at(-2), { bound: 30_000, count: 4 });
  assertEquals(cumulative.at(-1), { bound: Infinity, count: 5 });
  assertStrictEquals(histogram.count, 5);
  assertStrictEquals(histogram.sum, 60_002.1);
});

Deno.test("a quantile is the bound that contains it, and missing without values", () => {
  const histogram = new Histogram();
  assertStrictEquals(histogram.quantile(0.5), null);
  for (let n = 0; n < 98; n++) histogram.record(3);
  histogram.record(70);
  histogram.record(40_000);
  assertStrictEquals(histogram.quantile(0.5), 5);
  assertStrictEquals(histogram.quantile(0.99), 100);
  assertStrictEquals(histogram.quantile(1), Infinity);
});

Deno.test("two clocks that differ give no negative time", () => {
  const told: number[] = [];
  const histogram = new Histogram((ms) => told.push(ms));
  histogram.record(-5);
  assertEquals(told, [0]);
  assertStrictEquals(histogram.sum, 0);
});

function figures() {
  const durations: [string, number][] = [];
  const live = { recordings: () => 3, viewers: () => 12, commits: () => 40 };
  const counted = new Figures(live, (name, ms) => durations.push([name, ms]));
  counted.recordRequest(200, 4);
  counted.recordRequest(204, 4);
  counted.recordRequest(503, 700);
  counted.recordUpstream("parallel", 202);
  counted.recordUpstream("sandbox", null);
  counted.recordAppend(2);
  counted.recordCommit(0.4);
  return { counted, durations };
}

Deno.test("figures count past events and read current values", () => {
  const { counted, durations } = figures();
  const byName = new Map(counted.list().map((figure) => [figure.name, figure]));
  const valuesOf = (name: string) => {
    const figure = byName.get(name);
    return figure === undefined || figure.kind === "histogram" ? null : figure.values;
  };
  assertEquals(valuesOf("taskstream.recordings"), [{ labels: {}, value: 3 }]);
  assertEquals(valuesOf("taskstream.viewers"), [{ labels: {}, value: 12 }]);
  assertEquals(valuesOf("taskstream.kv.commits"), [{ labels: {}, value: 40 }]);
  assertEquals(valuesOf("taskstream.log.appends"), [{ labels: {}, value: 1 }]);
  assertEquals(valuesOf("taskstream.requests"), [
    { labels: { status: "2xx" }, value: 2 },
    { labels: { status: "5xx" }, value: 1 },
  ]);
  assertEquals(valuesOf("taskstream.upstream.calls"), [
    { labels: { upstream: "parallel", status: "2xx" }, value: 1 },
    { labels: { upstream: "sandbox", status: "none" }, value: 1 },
  ]);
  assertEquals(durations.map(([name]) => name), [
    "taskstream.request.duration",
    "taskstream.request.duration",
    "taskstream.request.duration",
    "taskstream.append.lag",
    "taskstream.kv.commit.duration",
  ]);
});

Deno.test("the text for Prometheus has help, type and values in base units", () => {
  const { counted } = figures();
  const lines = prometheusText(counted.list()).split("\n");
  assert(lines.includes("# TYPE taskstream_recordings gauge"));
  assert(lines.includes("taskstream_recordings 3"));
  assert(lines.includes("# TYPE taskstream_requests_total counter"));
  assert(lines.includes('taskstream_requests_total{status="2xx"} 2'));
  assert(lines.includes('taskstream_upstream_calls_total{upstream="sandbox",status="none"} 1'));
  assert(lines.includes("# TYPE taskstream_request_duration_seconds histogram"));
  assert(lines.includes('taskstream_request_duration_seconds_bucket{le="0.005"} 2'));
  assert(lines.includes('taskstream_request_duration_seconds_bucket{le="+Inf"} 3'));
  assert(lines.includes("taskstream_request_duration_seconds_sum 0.708"));
  assert(lines.includes("taskstream_request_duration_seconds_count 3"));
  // The format wants every line to end, and each name's lines together under one TYPE.
  assertStrictEquals(lines.at(-1), "");
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  assertStrictEquals(new Set(types).size, types.length);
});
