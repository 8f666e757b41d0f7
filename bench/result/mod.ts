/**
 * A finished run's page: from the stored result (JSON text) to the page's HTML, including the schema check.
 * The peer is the minimum for any page: the same result parsed and written as JSON.
 */
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { RunDetails, termsOf } from "../../components/run/RunDetails.tsx";
import type { TaskRunInput, TaskRunOutput } from "../../lib/parallel/mod.ts";
import { foldEvents, type LogEvent } from "../../lib/runs/model/mod.ts";
import { traced } from "../../tests/pages/fixtures.ts";
import { median, spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";
import { type Sample, samples } from "./outputs.ts";

const ROUNDS = 15;
const LIMIT_MS = 150;
const START_MS = Date.UTC(2026, 9, 5, 12);

/** Renders every sample, in some 20 s. */
export function run(): Promise<BenchResult[]> {
  return Promise.resolve(samples().map(measure));
}

function measure(sample: Sample): BenchResult {
  const json = JSON.stringify(sample.output);
  const rounds: { ours: number; peer: number }[] = [];
  let html = "";
  for (let round = 0; round < ROUNDS + 3; round++) {
    const started = performance.now();
    html = render(sample, json);
    const rendered = performance.now();
    JSON.stringify(JSON.parse(json));
    const ended = performance.now();
    // The first ones compile.
    if (round >= 3) rounds.push({ ours: rendered - started, peer: ended - rendered });
  }
  const value = median(rounds.map(({ ours }) => ours));
  const ratios = rounds.map(({ ours, peer }) => ours / peer);
  const best = Math.min(...rounds.map(({ ours }) => ours));
  return {
    name: `result: ${sample.name}`,
    value: Number(value.toFixed(2)),
    unit: "ms",
    peer: "JSON parsed and written",
    ratio: Number(median(ratios).toFixed(2)),
    spread: spreadOf(ratios),
    target: `< ${LIMIT_MS} ms`,
    note: `median of ${ROUNDS}, best ${
      best.toFixed(0)
    } ms; ${json.length} characters in, ${html.length} out`,
  };
}

function render({ schema }: Sample, json: string): string {
  const output = JSON.parse(json) as TaskRunOutput;
  const input: TaskRunInput = {
    input: "Which companies?",
    processor: "ultra",
    ...schema && { task_spec: { output_schema: { type: "json", json_schema: schema } } },
  };
  const page = traced({
    run: {
      run_id: "trun_bench",
      interaction_id: "trun_bench",
      input,
      processor: "ultra",
      price_usd: 0.3,
      source: "form",
      rerun_of: null,
      follows: null,
      group_id: null,
      created_ms: START_MS,
      simulated: false,
    },
    title: "Which companies?",
    view: foldEvents(EVENTS),
    events: EVENTS,
    output,
    ended: true,
    ended_ms: START_MS + 400_000,
  });
  const access = { kind: "owner" as const, share: null, base: "/tasks/trun_bench" };
  return renderToString(
    h(RunDetails, { page, now: START_MS + 500_000, terms: termsOf(page), access, feed: null }),
  );
}

/** A trace as a long run leaves it. */
const EVENTS: readonly LogEvent[] = Array.from({ length: 200 }, (_, at) => ({
  id: at + 1,
  received_ms: START_MS + at * 2000,
  type: `task_run.progress_msg.${["plan", "search", "extract", "result"][at % 4]}`,
  data: JSON.stringify({
    message: `Objective: look for figure ${at}`,
    timestamp: new Date(START_MS + at * 2000).toISOString(),
  }),
}));

if (import.meta.main) {
  const lines = (await run()).map((result) => JSON.stringify(result));
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
}
