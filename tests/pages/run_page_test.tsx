import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { Figures } from "../../components/run/Figures.tsx";
import { resultMode, RunDetails, termsOf } from "../../components/run/RunDetails.tsx";
import type { Access } from "../../components/run/SharePanel.tsx";
import { jsonPieces } from "../../lib/base/json_pieces.ts";
import { resultJson } from "../../lib/exports/result_json.ts";
import type { TaskRunOutput } from "../../lib/parallel/types.ts";
import type { TracedPage } from "../../lib/runs/model/model.ts";
import { emptyView } from "../../lib/runs/model/view.ts";
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

const OWNER: Access = { kind: "owner", share: null, base: `/tasks/${RUN_ID}` };

const render = (page: TracedPage, access: Access = OWNER) =>
  htmlOf(
    <RunDetails
      page={page}
      now={START_MS + 3_600_000}
      terms={termsOf(page)}
      access={access}
      feed={FEED}
    />,
  );

const OUTPUT = {
  type: "json" as const,
  content: { longest: "Nile" },
  basis: [{ field: "longest", reasoning: "Measured.", confidence: "high", citations: [cite(1)] }],
};

Deno.test("a live run shows the feed and its whole trace, and refreshes itself without JavaScript", () => {
  const html = render(runPage([state(1, "running"), message(2, "plan", "First, count")]));
  assertMatch(html, /id="the-feed"/);
  assertMatch(
    html,
    /<noscript><meta http-equiv="refresh" content="5"\s*\/?><p [^>]*>This page refreshes every 5 s\.<\/p><\/noscript>/,
  );
  assertMatch(
    html,
    /<div id="trace"[^>]*><ol class="feed"><li id="e1"[\s\S]*<li id="e2"[\s\S]*First, count/,
  );
});

Deno.test("a live run's figures form a sentence", () => {
  const html = htmlOf(
    <Figures view={emptyView()} tookMs={72_000} usual="2 to 10 min" cost="$0.10" processor="pro" />,
  );
  assertMatch(html.replaceAll(/<[^>]+>/g, ""), /1 min 12 s of usually 2 to 10 min/);
});

Deno.test("a live simulated run says so, and does not yet offer to run again", () => {
  const live = runPage([state(1, "running")]);
  const simulated = { ...live, run: { ...live.run, simulated: true } };
  assertMatch(render(simulated), /: no page is read, and the cost is what Parallel would charge/);
  assertMatch(render({ ...simulated, ended: true }), /: no page was read, and the cost is what/);
  const order = (page: TracedPage) =>
    [...render(page).matchAll(/\bEdit\b|Run again/g)].map(([word]) => word);
  assertEquals(order(live), ["Edit", "Run again"]);
  assertEquals(order({ ...live, ended: true }), ["Run again", "Edit"]);
});

Deno.test("without JavaScript the trace search has a button, and matches are counted", () => {
  const html = render(runPage([message(1, "result", "A"), message(2, "result", "B")]));
  assertMatch(html, /<form class="trace-find"[^]*?<button type="submit"[^>]*>Find<\/button>/);
  assertMatch(html, /<small id="found-count">2<\/small>/);
  assertMatch(render(runPage([state(1, "running")])), /<small id="found-count"><\/small>/);
});

Deno.test("the basis of a list as a whole is marked if its elements have their own", () => {
  const basis = (field: string) => ({ ...OUTPUT.basis[0]!, field });
  const page = (...fields: string[]) =>
    render(runPage([state(1, "completed")], {
      output: { type: "json", content: { longest: ["Nile", "Amazon"] }, basis: fields.map(basis) },
      ended: true,
    }));
  assertMatch(page("longest", "longest.0"), /<dd class="as-whole text-soft">as a whole<\/dd>/);
  assertNotMatch(page("longest"), /as a whole/);
  assertNotMatch(page("longest.0"), /as a whole/);
});

Deno.test("a finished run shows the result first and has no island", () => {
  const html = render(
    runPage([state(1, "running"), state(2, "completed")], { output: OUTPUT, ended: true }),
  );
  assertNotMatch(html, /the-feed|noscript/);
  assertMatch(html, /data-status="completed"/);
  assertMatch(html, /in 3 min 40 s/);
  assert(html.indexOf("Nile") < html.indexOf('id="trace"'));
  assert(html.indexOf('id="trace"') < html.indexOf("Input as sent"));
});

const ENDINGS: readonly [name: string, page: TracedPage, says: RegExp][] = [
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
    /stopped: it needs something from you/,
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
    /could not follow this run[\s\S]*Unauthorized[\s\S]*Everything recorded/,
  ],
  [
    "a run of a status yet unknown",
    runPage([state(1, "paused", { is_active: false })], { ended: true }),
    /ended with the status “paused”/,
  ],
];

for (const [name, page, says] of ENDINGS) {
  Deno.test(`${name} explains what happened, with the trace open`, () => {
    const html = render(page);
    assertMatch(html, says);
    assertMatch(html, /<details class="fold section-fold trace-part" open/);
  });
}

Deno.test("a run that could not be followed does not look live", () => {
  const page = runPage([
    state(1, "running"),
    event(2, "error", { error: { message: "x", detail: { recording: "stopped" } } }),
  ], {
    ended: true,
  });
  assertMatch(render(page), /data-status="lost"/);
});

Deno.test("an error during a run does not end it, and warnings show the API's text", () => {
  const page = runPage([
    event(1, "error", { error: { message: "Hiccup" } }),
    state(2, "completed", { warnings: [{ type: "warning", message: "A field is missing" }] }),
  ], { output: OUTPUT, ended: true });
  const html = render(page);
  assertMatch(html, /the run continued[\s\S]*Hiccup/);
  assertMatch(html, /A field is missing/);
  assertNotMatch(html, /The run failed/);
});

Deno.test("simulated results are marked at the top and along the result", () => {
  const options = { output: OUTPUT, ended: true };
  const simulated = render(runPage([state(1, "completed")], { ...options, simulated: true }));
  assertMatch(simulated, /class="tape"[\s\S]*Simulated<\/strong>/);
  assertMatch(simulated, /class="run-result simulated"/);
  assertNotMatch(render(runPage([state(1, "completed")], options)), /simulated/i);
});

Deno.test("a simulated run, which is faster, does not name the usual time of real ones", () => {
  const usualOf = (simulated: boolean) =>
    termsOf(runPage([state(1, "running")], { simulated })).usual;
  assertStrictEquals(usualOf(true), null);
  assertMatch(usualOf(false) ?? "", / min/);
});

Deno.test("an unknown processor shows no price and no usual time", () => {
  const page = runPage([state(1, "running")]);
  const run = { ...page.run, processor: "nova", price_usd: null };
  assertEquals(termsOf({ ...page, run }), { cost: "–", processor: "nova", usual: null });
});

Deno.test("hostile titles, inputs and errors stay text", () => {
  const page = runPage([state(1, "failed", { error: { message: HOSTILE } })], { ended: true });
  const run = { ...page.run, input: { input: { [HOSTILE]: HOSTILE }, processor: HOSTILE } };
  assertNotMatch(
    render({ ...page, run, title: HOSTILE }),
    /<img|<script(?! type="module" src)/,
  );
});

Deno.test("no page carries an inline style or handler", () => {
  const html = render(runPage([state(1, "completed")], { output: OUTPUT, ended: true }));
  assertNotMatch(html, /<[^>]+\s(?:style|on\w+)=/);
});

Deno.test("result.json has run, input, output and events, as raw text if an event is not JSON", () => {
  const page = runPage([state(1, "completed"), event(2, "odd", "not json")], {
    output: OUTPUT,
    ended: true,
  });
  const document = resultJson(page, null);
  assertEquals(Object.keys(document), ["run", "input", "output", "events", "share"]);
  assertStrictEquals(document.run.run_id, RUN_ID);
  assertStrictEquals(document.run.status, "completed");
  assert(!("input" in document.run));
  assertEquals(document.input, page.run.input);
  const [first, odd] = JSON.parse([...jsonPieces(document.events)].join(""));
  assertEquals(Object.keys(first), ["id", "received_ms", "event"]);
  assertEquals(odd, { id: 2, received_ms: START_MS, type: "odd", event: "not json" });
  assertStrictEquals(document.share, null);
});

Deno.test("the head shows duration, confidence and cost, and the sections show counts", () => {
  const stats = event(2, "task_run.progress_stats", {
    source_stats: { num_sources_considered: 1223, num_sources_read: 22 },
    progress_meter: 90,
  });
  const basis = [
    { field: "a", reasoning: "", confidence: "high", citations: [cite(1), cite(2)] },
    { field: "b", reasoning: "", confidence: "low", citations: [cite(1)] },
    { field: "c", reasoning: "", citations: [] },
  ];
  const output = { type: "json" as const, content: { a: 1, b: 2, c: 3 }, basis };
  const plan = message(3, "plan", "First", 1);
  const events = [state(1, "running"), stats, plan, state(4, "completed")];
  const page = runPage(events, { output, ended: true });
  const html = render(page);
  const words = html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  assertMatch(words, /done in 3 min 40 s 1 high · 1 low · 1 unrated \$0\.025 · core/);
  assertMatch(
    html,
    /<a href="#f-b" class="link text-warn touch inline-flex items-center">1 low<\/a>/,
  );
  assertMatch(html, /<span class="profile" aria-hidden="true">/, "the counts say the same");
  assertMatch(html, /<a class="low" title="b: low" href="#f-b"/, "a segment leads to its field");
  assertMatch(words, /Run again \$0\.025/);
  assertMatch(words, /Sources 2 cited of 22 read/);
  assertMatch(words, /Timeline 3 min 40 s, 1,223 sources considered, 22 read/);
  assertMatch(words, /Trace 4 events: 1 plan/);
  const json_schema = { type: "object", properties: { a: { type: "string" } } };
  const input = {
    ...page.run.input,
    task_spec: { output_schema: { type: "json" as const, json_schema } },
  };
  assertMatch(render({ ...page, run: { ...page.run, input } }), /3 fields, 1 misfit/);
});

Deno.test("the section links lead exactly to the sections on the page", () => {
  const failed = runPage([state(1, "failed")], { ended: true });
  const whole = runPage([state(1, "running"), message(2, "plan", "x", 9), state(3, "completed")], {
    output: OUTPUT,
    ended: true,
  });
  const jumps = (page: TracedPage) => {
    const html = render(page);
    const nav = /<nav class="jumps"[^]*?<\/nav>/.exec(html)?.[0] ?? "";
    const ids = [...nav.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const id of ids) assert(html.includes(` id="${id}"`), id);
    return ids;
  };
  assertEquals(jumps(whole), ["result-title", "sources-title", "timeline", "trace", "input"]);
  assertEquals(jumps(failed), ["trace", "input"]);
});

Deno.test("an input with several members becomes a title, unless the owner gave another", () => {
  const page = runPage([state(1, "completed")], { output: OUTPUT, ended: true });
  const input = { input: { firm: "Aalto", site: "https://www.aalto.example/" }, processor: "core" };
  const run = { ...page.run, input };
  const title = "Aalto, https://www.aalto.example/";
  const h1 = (title: string) => /<h1[^>]*>(.*?)<\/h1>/.exec(render({ ...page, run, title }))?.[1];
  assertStrictEquals(h1(title), "Aalto <span>aalto.example </span>");
  const before = "firm: Aalto, site: https://www.aalto.example/";
  assertStrictEquals(h1(before), "Aalto <span>aalto.example </span>", "as runs were named before");
  assertStrictEquals(h1("My firm"), "My firm");
});

Deno.test("the result can also be shown exactly as the API returned it", () => {
  const page = runPage([state(1, "completed")], { output: OUTPUT, ended: true });
  const rawOf = (page: TracedPage) =>
    htmlOf(
      <RunDetails
        page={page}
        now={START_MS}
        terms={termsOf(page)}
        access={OWNER}
        mode={resultMode(new URLSearchParams("view=raw"))}
        feed={FEED}
      />,
    );
  const raw = rawOf(page);
  assertMatch(raw, /<pre id="raw"[^>]*>{\n {2}&quot;longest&quot;: &quot;Nile&quot;\n}<\/pre>/);
  assertMatch(raw, /href="\?view=raw#result-title" aria-current="true"/);
  assertNotMatch(render(page), /id="raw"/);
  const output: TaskRunOutput = { type: "text", content: "\n\n  Nile\n", basis: [] };
  const lines = rawOf(runPage([state(1, "completed")], { output, ended: true }));
  // HTML ignores the first line feed.
  assertMatch(lines, /<pre id="raw"[^>]*>\n\n\n {2}Nile\n<\/pre>/);
  assertStrictEquals(resultMode(new URLSearchParams("view=anything")), "read");
});

Deno.test("a visitor sees the run without any way to change it", () => {
  const html = render(runPage([state(1, "completed")], { output: OUTPUT, ended: true }), {
    kind: "visitor",
  });
  assertMatch(html, /Nile/);
  assertNotMatch(html, /<form method="post"|result\.json|report\.md|class="run-actions/);
});

Deno.test("a shared run says what visitors see, with its link and a way to revoke it", () => {
  const share = { url: "https://app.example/s/abc", created_ms: START_MS };
  const html = render(runPage([state(1, "completed")], { output: OUTPUT, ended: true }), {
    kind: "owner",
    share,
    base: "/tasks/x",
  });
  assertMatch(html, /Anyone with the link can read/);
  assertMatch(html, /data-copy="https:\/\/app\.example\/s\/abc"/);
  assertMatch(html, /action="\/tasks\/x\/unshare"/);
});

const ADVICE: readonly [name: string, warning: Record<string, unknown>, says: RegExp][] = [
  ["a schema", { type: "spec_validation_warning", message: "x" }, /Edit the output schema/],
  ["an input", { type: "input_validation_warning", message: "x" }, /so that they match/],
  ["a tool server", { type: "warning", message: "No MCP server" }, /Check its address, headers/],
  ["anything else", { type: "of_the_future", message: "x" }, /The run continued/],
];

for (const [name, warning, says] of ADVICE) {
  Deno.test(`a warning about ${name} says what to do`, () => {
    const page = runPage([state(1, "completed", { warnings: [warning] })], { ended: true });
    assertMatch(render(page), says);
  });
}

for (const status of ["failed", "cancelled", "action_required"]) {
  Deno.test(`a run that ended as ${status} is never described as continuing`, () => {
    const warnings = ADVICE.map(([, warning]) => warning);
    const html = render(runPage([state(1, status, { warnings })], { ended: true }));
    assertNotMatch(html, /went on|continued/);
    assertMatch(html, /Edit the output schema[\s\S]*so that they match[\s\S]*Check its address/);
  });
}

for (
  const [name, page] of [
    ["completed", runPage([state(1, "completed")], { output: OUTPUT, ended: true })],
    ["completed without its result", runPage([state(1, "completed")], { ended: true })],
    ...ENDINGS,
  ] as const
) {
  Deno.test(`the link at the end of ${name} leads to a part of the page`, () => {
    const html = render(page);
    const id = /<p class="news[^]*?href="#([^"]+)"/.exec(html)?.[1] ?? "";
    // The layout's.
    if (id !== "main") assert(html.includes(` id="${id}"`), id);
  });
}

Deno.test("a reader in the middle of the trace is told how the run ended, with a link", () => {
  const arrival = (page: TracedPage) => /<p class="news[^]*?<\/p>/.exec(render(page))?.[0] ?? "";
  assertMatch(
    arrival(runPage([state(1, "completed")], { output: OUTPUT, ended: true })),
    /hidden><a class="pill done" href="#result-title"><svg[^]*>Done in 3 min 40 s · Read result</,
  );
  const failed = runPage([state(1, "failed")], { ended: true });
  assertMatch(
    arrival(failed),
    /class="pill failed" href="#outcome"><svg[^]*>Failed after 3 min 40 s · See what was kept</,
  );
  assertMatch(render(failed), /id="outcome"/);
  // No mark of success.
  assertMatch(
    arrival(runPage([state(1, "action_required")], { ended: true })),
    /class="pill done" href="#outcome">Needs action after 3 min 40 s · See why</,
  );
});
