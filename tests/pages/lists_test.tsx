import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { Header } from "../../components/Header.tsx";
import { History } from "../../routes/tasks/(_parts)/History.tsx";
import { Numbers } from "../../routes/tasks/(_parts)/Numbers.tsx";
import { NotFoundPage } from "../../components/NotFoundPage.tsx";
import { Welcome } from "../../routes/(_parts)/Welcome.tsx";
import { readListQuery } from "../../routes/tasks/(_parts)/list_query.ts";
import { sumUp } from "../../lib/runs/history/figures.ts";
import { RunLines } from "../../components/RunLines.tsx";
import { batchFits, presetsOf } from "../../routes/tasks/(_parts)/presets.ts";
import type { BatchSummary } from "../../lib/batches/mod.ts";
import type { HistoryPage } from "../../lib/runs/model/model.ts";
import { HOSTILE, htmlOf, RUN_ID, START_MS, summary } from "./fixtures.ts";

const NONE = sumUp([]);

const render = (history: HistoryPage, address = "") =>
  htmlOf(
    <History
      pages={history}
      isEmpty={history.runs.length === 0}
      batches="[]"
      presets={[]}
      sharedFields={null}
      again={null}
      idempotencyKey="key"
      now={START_MS}
      query={readListQuery(new URLSearchParams(address))}
      figures={{ today: NONE, week: NONE, month: NONE, days: [] }}
      budget={null}
      budgetKept={null}
      budgetProblem={null}
      deleted={[]}
      partial={false}
      purging={0}
      search={{
        kept: { input: 4000, metadata: 1000, result: 12_000 },
        unsearched: null,
        wordless: false,
        cut: false,
      }}
      problem={null}
      sandbox={false}
      list={<RunLines runs={history.runs} now={START_MS + 7_200_000} />}
    />,
  );

Deno.test("a line of the history links to its run and shows status, time, cost and age", () => {
  const html = render({ runs: [summary()], next: null, prev: null });
  assertMatch(html, new RegExp(`href="/tasks/${RUN_ID}"`));
  assertMatch(html, /data-status="completed"/);
  assertMatch(html, /3 min 40 s/);
  assertMatch(html, /\$0\.025/);
  assertMatch(
    html,
    /<time datetime="2026-10-05T12:00:00\.000Z" title="2026-10-05 12:00:00 UTC">2 h<\//,
  );
});

Deno.test("unknown values are shown as a dash, not as zero", () => {
  const unknown = {
    price_usd: null,
    sources_read: null,
    ended_ms: null,
    status: "running",
    progress: null,
  };
  const html = htmlOf(<RunLines runs={[summary(unknown)]} now={START_MS} />);
  assertNotMatch(html, /\$0|NaN|null|undefined|>0 /);
  assertStrictEquals(html.match(/–/g)?.length, 2, "time and cost");
});

Deno.test("success is a rounded share, and times per processor cover the three periods", () => {
  const period = (names: Record<string, number>) =>
    sumUp(
      Object.entries(names).map(([name, value]) => ({ day_ms: 0, name, processor: "pro", value })),
    );
  const today = period({ completed: 29, failed: 71 });
  const week = period({ completed: 57, failed: 43, timed: 2, ms: 130_000 });
  const month = period({ completed: 58, failed: 42, timed: 4, ms: 480_000 });
  const html = htmlOf(
    <Numbers
      query={readListQuery(new URLSearchParams())}
      figures={{ today, week, month, days: [] }}
      budget={null}
      budgetKept={null}
      budgetProblem={null}
      sandbox={false}
      now={START_MS}
    />,
  );
  const cells = (name: string) =>
    new RegExp(`${name}</th>(.*?)</tr>`).exec(html)?.[1]?.replace(/<[^>]+>/g, "|");
  assertStrictEquals(cells("Success"), "|29 %||57 %||58 %|");
  assertStrictEquals(cells("pro"), "|–||1 min 5 s||2 min 0 s|");
});

Deno.test("pages are linked in both directions, and the first page has no link back", () => {
  const both = render({ runs: [summary()], next: "n&x", prev: "p" }, "q=a+b&cursor=c");
  assertMatch(both, /rel="next" href="\/tasks\?q=a\+b&amp;cursor=n%26x"/);
  assertMatch(both, /rel="prev" href="\/tasks\?q=a\+b&amp;cursor=p"/);
  assertNotMatch(render({ runs: [summary()], next: null, prev: null }), /rel=/);
});

Deno.test("an empty history suggests a first step", () => {
  assertMatch(render({ runs: [], next: null, prev: null }), /No tasks yet[\s\S]*href="\/"/);
});

Deno.test("a simulated run is marked in a mixed list, but not if all runs are simulated", () => {
  const runs = [summary({ simulated: true })];
  assertMatch(htmlOf(<RunLines runs={runs} now={START_MS} />), /class="stamp">simulated/);
  assertNotMatch(htmlOf(<RunLines runs={runs} now={START_MS} allSimulated />), /class="stamp"/);
});

/** The second line of a run, as text. */
const secondLine = (run: Parameters<typeof summary>[0]) =>
  /class="second-line"[^>]*>(.*?)<\/p>/s
    .exec(htmlOf(<RunLines runs={[summary(run)]} now={START_MS} />))?.[1]
    ?.replace(/<[^>]+>/g, "").replace(/\s+/g, " ").trim();

for (
  const [what, run, expected] of [
    [
      "fields with their confidence",
      {
        answer: [
          { name: "legal name", text: "Halden AS", confidence: "high" },
          { name: "founded", text: "14 Mar 2014", confidence: null },
        ],
      },
      "legal name Halden ASfounded 14 Mar 2014",
    ],
    [
      "the first sentence",
      { answer: [{ name: "", text: "All is well.", confidence: "low" }] },
      "All is well.",
    ],
    ["what an older line knows", { sources_read: 7, output_type: "json" }, "json · 7 sources read"],
    [
      "how far it is",
      { status: "running", progress: 52, sources_read: 22, sources_considered: 118 },
      "Running · 52 % · 22 of 118 sources read",
    ],
    [
      "why it failed",
      { status: "failed", notice: "no page answered" },
      "Failed after 3 min 40 s: no page answered. Not billed.",
    ],
    [
      "what it waits for",
      { status: "action_required", notice: "The tool server asks for a sign-in." },
      "Needs action: The tool server asks for a sign-in.",
    ],
    [
      "which row of a batch it is",
      { batch: { id: "tgrp_1", row: 12 }, answer: [] },
      "row 12 of a batch",
    ],
  ] as const
) {
  Deno.test(`a run's second line is ${what}`, () => {
    assertStrictEquals(secondLine(run), expected);
  });
}

const BATCH = {
  id: "tgrp_1",
  name: "Payment companies",
  created_ms: START_MS,
  processor: "core",
  simulated: false,
  state: "running",
  reason: null,
  rows: 400,
  counts: { completed: 212, failed: 3, running: 5 },
  spent_usd: 5.3,
  outputs: ["legal_name", "founded"],
} as const;

Deno.test("a batch is one line among the runs, with rows, progress, failures and columns", () => {
  const older = summary({ created_ms: START_MS - 1 });
  const html = htmlOf(<RunLines runs={[older]} batches={[BATCH]} now={START_MS} />);
  const text = html.replace(/<[^>]+>/g, "");
  assertMatch(text, /batch of 400 rows215 done · 3 failed · legal name, founded/);
  assertMatch(html, /<progress max="400" value="215"/);
  assert(html.indexOf("/batches/tgrp_1") < html.indexOf(`/tasks/${RUN_ID}`), "newest first");
});

const PACE = [{ from_ms: START_MS - 30_000, rows: 37 }];
for (
  const { name, more, text } of [
    {
      name: "running",
      more: { low: 4, pace: PACE, started_ms: START_MS - 60_000 },
      text: /215 done · 3 failed · 4 of low confidence · 37 a minute · 5 min 0 s left · legal/,
    },
    {
      name: "paused",
      more: { state: "paused", reason: "You paused it.", low: 1, pace: PACE, started_ms: 1 },
      text: /3 failed · 1 of low confidence · You paused it\. · legal/,
    },
    {
      name: "running, long without news",
      more: { low: 0, pace: [{ from_ms: START_MS - 120_000, rows: 37 }], started_ms: 1 },
      text: /215 done · 3 failed · legal/,
    },
    { name: "stored by an earlier version", more: {}, text: /215 done · 3 failed · legal/ },
  ] as const
) {
  Deno.test(`a batch's line shows its pace, time left and low-confidence rows: ${name}`, () => {
    const html = htmlOf(<RunLines runs={[]} batches={[{ ...BATCH, ...more }]} now={START_MS} />);
    assertMatch(html.replace(/<[^>]+>/g, ""), text);
  });
}

Deno.test("a finished batch's line has its time, and the confidence of its columns and cells", () => {
  const done = {
    ...BATCH,
    state: "done",
    counts: { completed: 48 },
    rows: 48,
    started_ms: START_MS,
    outcome: { ended_ms: START_MS + 2_281_000, levels: ["high", null], cells: 96, high: 40 },
  } as const;
  const htmlWith = (batch: BatchSummary) =>
    htmlOf(<RunLines runs={[]} batches={[batch]} now={START_MS} />);
  const html = htmlWith(done);
  const text = html.replace(/<[^>]+>/g, "");
  assertMatch(text, /batch of 48 rows48 done · 40 of 96 cells high/);
  assertMatch(text, /38 min 1 s/);
  assertMatch(html, /aria-label="Confidence of 2 fields: 1 high · 1 unrated"/);
  assertNotMatch(html, /<progress/);
  const unknown = htmlWith({ ...done, outcome: { ...done.outcome, levels: [null, null] } });
  assertMatch(unknown.replace(/<[^>]+>/g, ""), /48 done · legal name, founded/);
  assertNotMatch(unknown, /class="profile/);
});

Deno.test("presets count runs and batches, and a batch with failed rows counts as failed", () => {
  const query = (address: string) => readListQuery(new URLSearchParams(address));
  const counts = { byStatus: new Map([["queued", 1], ["running", 2], ["failed", 4]]), today: 3 };
  const batches = [BATCH, { ...BATCH, id: "b", state: "paused", counts: {} } as const];
  const presets = presetsOf({
    query: query("status=failed&q=x"),
    counts,
    batches,
    today: "2026-10-05",
  });
  assertStrictEquals(
    presets.map(({ label, count }) => `${label} ${count}`).join(", "),
    "All 9, Running 4, Needs you 1, Failed 5, Today 5",
  );
  assertStrictEquals(presets.find(({ isCurrent }) => isCurrent)?.label, "Failed");
  for (
    const [address, fits] of [
      ["", true],
      ["status=active", true],
      ["status=completed", false],
      ["processor=pro", false],
      ["output=text", false],
      ["q=payment", false],
      ["to=2026-10-04", false],
    ] as const
  ) assertStrictEquals(batchFits(query(address), BATCH), fits, address);
});

Deno.test("hostile titles and statuses stay text", () => {
  const html = render({
    runs: [summary({ title: HOSTILE, status: HOSTILE })],
    next: null,
    prev: null,
  });
  assertNotMatch(html, /<img|<script/);
});

Deno.test("the front page offers the sign-in methods and keeps the target page", () => {
  const page = htmlOf(
    <Welcome next={`/tasks/${HOSTILE}`} sandboxEnabled problem="refused" />,
  );
  assertMatch(page, /action="\/auth\/sandbox"/);
  assertMatch(page, /action="\/auth\/key"/);
  assertMatch(page, /aria-invalid="true"[^>]*aria-describedby="api_key-error"/);
  assertMatch(page, /does not accept this key/);
  assertNotMatch(page, /<img|<script/);
  const odd = htmlOf(<Welcome next="/" sandboxEnabled={false} problem="constructor" />);
  assertMatch(odd, /Signing in did not work/);
  assertNotMatch(odd, /auth\/sandbox/);
});

Deno.test("a missing page says why, and what to do about it", () => {
  const words = (path: string, signedIn: boolean) =>
    htmlOf(<NotFoundPage path={path} signedIn={signedIn} />).replaceAll(/<[^>]+>/g, " ");
  for (
    const [path, signedIn, says, offers] of [
      ["/nowhere", false, /There is no page at\s+\/nowhere/, /^(?!.*Sign in).*The front page/],
      ["/compare", true, /belongs to another account/, /Your tasks.*New task/],
      ["/nowhere", true, /There is no page at/, /Your tasks.*New task/],
      ["/tasks/trun_1", false, /belongs to another account/, /Sign in.*The front page/],
      ["/batches/tgrp_1", true, /belongs to another account/, /Your tasks/],
      ["/s/abc", false, /does not work.*stopped sharing.*Ask for a new link/, /The front page/],
    ] as const
  ) {
    const text = words(path, signedIn).replaceAll(/\s+/g, " ");
    assertMatch(text, says, path);
    assertMatch(text, offers, path);
  }
});

Deno.test("the theme button names the current and the next of the three themes", () => {
  const html = (theme: "system" | "light" | "dark") =>
    htmlOf(<Header account={null} theme={theme} here="/" />);
  assertMatch(html("system"), /value="light"/);
  assertMatch(html("light"), /value="dark"/);
  assertMatch(html("dark"), /value="system"[^>]*aria-label="Colours: dark\. Switch to system"/);
});
