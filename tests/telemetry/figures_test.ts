import assert from "node:assert/strict";
import { Figures, prometheusText } from "../../lib/telemetry/mod.ts";
import { BOUNDS_MS, Histogram } from "../../lib/telemetry/histogram.ts";

Deno.test("a histogram counts each value in the first range that holds it", () => {
  const histogram = new Histogram();
  for (const ms of [0, 0.5, 0.6, 30_000, 30_001]) histogram.record(ms);
  const cumulative = histogram.cumulative();
  assert.equal(cumulative.length, BOUNDS_MS.length + 1);
  assert.deepEqual(cumulative[0], { bound: 0.5, count: 2 });
  assert.deepEqual(cumulative[1], { bound: 1, count: 3 });
  assert.deepEqual(cumulative.at(-2), { bound: 30_000, count: 4 });
  assert.deepEqual(cumulative.at(-1), { bound: Infinity, count: 5 });
  assert.equal(histogram.count, 5);
  assert.equal(histogram.sum, 60_002.1);
});

Deno.test("a quantile is the bound that holds it; there is none of nothing", () => {
  const histogram = new Histogram();
  assert.equal(histogram.quantile(0.5), null);
  for (let n = 0; n < 98; n++) histogram.record(3);
  histogram.record(70);
  histogram.record(40_000);
  assert.equal(histogram.quantile(0.5), 5);
  assert.equal(histogram.quantile(0.99), 100);
  assert.equal(histogram.quantile(1), Infinity);
});

Deno.test("two clocks that differ make no negative time", () => {
  const told: number[] = [];
  const histogram = new Histogram((ms) => told.push(ms));
  histogram.record(-5);
  assert.deepEqual(told, [0]);
  assert.equal(histogram.sum, 0);
});

function figures() {
  const durations: [string, number][] = [];
  const live = { recordings: () => 3, viewers: () => 12, commits: () => 40 };
  const counted = new Figures(live, (name, ms) => durations.push([name, ms]));
  counted.request(200, 4);
  counted.request(204, 4);
  counted.request(503, 700);
  counted.upstream("parallel", 202);
  counted.upstream("sandbox", null);
  counted.appended(2);
  counted.committed(0.4);
  return { counted, durations };
}

Deno.test("figures count what happened and read what is", () => {
  const { counted, durations } = figures();
  const byName = new Map(counted.list().map((figure) => [figure.name, figure]));
  const valuesOf = (name: string) => {
    const figure = byName.get(name);
    return figure === undefined || figure.kind === "histogram" ? null : figure.values;
  };
  assert.deepEqual(valuesOf("taskstream.recordings"), [{ labels: {}, value: 3 }]);
  assert.deepEqual(valuesOf("taskstream.viewers"), [{ labels: {}, value: 12 }]);
  assert.deepEqual(valuesOf("taskstream.kv.commits"), [{ labels: {}, value: 40 }]);
  assert.deepEqual(valuesOf("taskstream.log.appends"), [{ labels: {}, value: 1 }]);
  assert.deepEqual(valuesOf("taskstream.requests"), [
    { labels: { status: "2xx" }, value: 2 },
    { labels: { status: "5xx" }, value: 1 },
  ]);
  assert.deepEqual(valuesOf("taskstream.upstream.calls"), [
    { labels: { upstream: "parallel", status: "2xx" }, value: 1 },
    { labels: { upstream: "sandbox", status: "none" }, value: 1 },
  ]);
  assert.deepEqual(durations.map(([name]) => name), [
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
  assert.ok(lines.includes("# TYPE taskstream_recordings gauge"));
  assert.ok(lines.includes("taskstream_recordings 3"));
  assert.ok(lines.includes("# TYPE taskstream_requests_total counter"));
  assert.ok(lines.includes('taskstream_requests_total{status="2xx"} 2'));
  assert.ok(lines.includes('taskstream_upstream_calls_total{upstream="sandbox",status="none"} 1'));
  assert.ok(lines.includes("# TYPE taskstream_request_duration_seconds histogram"));
  assert.ok(lines.includes('taskstream_request_duration_seconds_bucket{le="0.005"} 2'));
  assert.ok(lines.includes('taskstream_request_duration_seconds_bucket{le="+Inf"} 3'));
  assert.ok(lines.includes("taskstream_request_duration_seconds_sum 0.708"));
  assert.ok(lines.includes("taskstream_request_duration_seconds_count 3"));
  // The format wants every line to end, and each name's lines together under one TYPE.
  assert.equal(lines.at(-1), "");
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  assert.equal(new Set(types).size, types.length);
});
