import assert from "node:assert/strict";
import { RunDetails, termsOf } from "../../components/RunDetails.tsx";
import { resultJson } from "../../lib/exports/result_json.ts";
import type { RunPage } from "../../lib/runs/model.ts";
import {
  cite,
  event,
  HOSTILE,
  htmlOf,
  message,
  RUN_ID,
  runPage,
  START_MS,
  state,
} from "./fixtures.ts";

const FEED = <div id="the-feed"></div>;

const render = (page: RunPage) =>
  htmlOf(
    <RunDetails page={page} now={START_MS + 3_600_000} terms={termsOf(page)} feed={FEED} />,
  );

const OUTPUT = {
  type: "json" as const,
  content: { longest: "Nile" },
  basis: [{ field: "longest", reasoning: "Measured.", confidence: "high", citations: [cite(1)] }],
};

Deno.test("a live run shows the feed, its whole trace, and refreshes itself without script", () => {
  const html = render(runPage([state(1, "running"), message(2, "plan", "First, count")]));
  assert.match(html, /id="the-feed"/);
  assert.match(
    html,
    /<noscript><meta http-equiv="refresh" content="5"\s*\/?><p [^>]*>This page looks again every 5 s\.<\/p><\/noscript>/,
  );
  assert.match(html, /<ol id="trace"[^>]*><li id="e1"[\s\S]*<li id="e2"[\s\S]*First, count/);
});

Deno.test("a finished run puts the result first and has no island", () => {
  const html = render(
    runPage([state(1, "running"), state(2, "completed")], { output: OUTPUT, ended: true }),
  );
  assert.doesNotMatch(html, /the-feed|noscript/);
  assert.match(html, /data-status="completed"/);
  assert.match(html, /in 3 min 40 s/);
  assert.ok(html.indexOf("Nile") < html.indexOf("Input as sent"));
  assert.ok(html.indexOf("Input as sent") < html.indexOf('id="trace"'));
});

const ENDINGS: readonly [name: string, page: RunPage, says: RegExp][] = [
  [
    "a failed run",
    runPage([state(1, "failed", { error: { message: "Out of sources", ref_id: "r-9" } })], {
      ended: true,
    }),
    /The run failed[\s\S]*Out of sources[\s\S]*r-9[\s\S]*not billed/,
  ],
  ["a cancelled run", runPage([state(1, "cancelled")], { ended: true }), /was cancelled/],
  [
    "a run that waits for something",
    runPage([state(1, "action_required")], { ended: true }),
    /waits for something from you/,
  ],
  [
    "a run that could not be followed",
    runPage([
      state(1, "running"),
      event(2, "error", {
        error: { message: "Unauthorized", detail: { recording: "stopped" } },
      }),
    ], {
      ended: true,
    }),
    /could not follow this run[\s\S]*Unauthorized[\s\S]*was recorded/,
  ],
  [
    "a run of a status yet unknown",
    runPage([state(1, "paused", { is_active: false })], { ended: true }),
    /ended with the status “paused”/,
  ],
];

for (const [name, page, says] of ENDINGS) {
  Deno.test(`${name} says what happened, with the trace open`, () => {
    const html = render(page);
    assert.match(html, says);
    assert.match(html, /<details class="fold ruled mt-8" open/);
  });
}

Deno.test("a run that could not be followed does not look alive", () => {
  const page = runPage([
    state(1, "running"),
    event(2, "error", { error: { message: "x", detail: { recording: "stopped" } } }),
  ], {
    ended: true,
  });
  assert.match(render(page), /data-status="lost"/);
});

Deno.test("an error on the way is no ending, and warnings are shown in the API's words", () => {
  const page = runPage([
    event(1, "error", { error: { message: "Hiccup" } }),
    state(2, "completed", { warnings: [{ type: "warning", message: "A field is missing" }] }),
  ], { output: OUTPUT, ended: true });
  const html = render(page);
  assert.match(html, /the run went on[\s\S]*Hiccup/);
  assert.match(html, /A field is missing/);
  assert.doesNotMatch(html, /The run failed/);
});

Deno.test("what the sandbox made is marked at the page's top and along the result", () => {
  const options = { output: OUTPUT, ended: true };
  const simulated = render(runPage([state(1, "completed")], { ...options, simulated: true }));
  assert.match(simulated, /class="tape"[\s\S]*Simulated\./);
  assert.match(simulated, /class="mt-8 simulated"/);
  assert.doesNotMatch(render(runPage([state(1, "completed")], options)), /simulated/i);
});

Deno.test("an unknown processor has no price and no usual time rather than a guess", () => {
  const page = runPage([state(1, "running")]);
  const run = { ...page.run, processor: "nova", price_usd: null };
  assert.deepEqual(termsOf({ ...page, run }), { cost: "nova · –", usual: null });
});

Deno.test("hostile titles, inputs and errors stay text", () => {
  const page = runPage([state(1, "failed", { error: { message: HOSTILE } })], { ended: true });
  const run = { ...page.run, input: { input: { [HOSTILE]: HOSTILE }, processor: HOSTILE } };
  assert.doesNotMatch(render({ ...page, run, title: HOSTILE }), /<img|<script/);
});

Deno.test("no page carries an inline style or handler", () => {
  const html = render(runPage([state(1, "completed")], { output: OUTPUT, ended: true }));
  assert.doesNotMatch(html, /<[^>]+\s(?:style|on\w+)=/);
});

Deno.test("result.json carries run, input, output and events, raw text where an event is no JSON", () => {
  const page = runPage([state(1, "completed"), event(2, "odd", "not json")], {
    output: OUTPUT,
    ended: true,
  });
  const document = resultJson(page, null);
  assert.deepEqual(Object.keys(document), ["run", "input", "output", "events", "share"]);
  assert.equal(document.run.run_id, RUN_ID);
  assert.equal(document.run.status, "completed");
  assert.ok(!("input" in document.run));
  assert.deepEqual(document.input, page.run.input);
  assert.deepEqual(document.events[1], { id: 2, received_ms: START_MS, event: "not json" });
  assert.equal(document.share, null);
});
