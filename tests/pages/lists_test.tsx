import assert from "node:assert/strict";
import { Header } from "../../components/Header.tsx";
import { History } from "../../components/History.tsx";
import { Numbers } from "../../components/history/Numbers.tsx";
import { Welcome } from "../../components/Welcome.tsx";
import { readListQuery } from "../../components/history/list_query.ts";
import { sumUp } from "../../lib/runs/history/figures.ts";
import { RunTable } from "../../components/RunTable.tsx";
import type { HistoryPage } from "../../lib/runs/model.ts";
import { HOSTILE, htmlOf, RUN_ID, START_MS, summary } from "./fixtures.ts";

const NONE = sumUp([]);

const render = (history: HistoryPage, address = "") =>
  htmlOf(
    <History
      history={history}
      query={readListQuery(new URLSearchParams(address))}
      figures={{ today: NONE, week: NONE, month: NONE, days: [] }}
      budget={null}
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
      list={<RunTable runs={history.runs} now={START_MS + 7_200_000} />}
    />,
  );

Deno.test("a line of the history links to its run and gives status, time, cost and age", () => {
  const html = render({ runs: [summary()], next: null, prev: null });
  assert.match(html, new RegExp(`href="/tasks/${RUN_ID}"`));
  assert.match(html, /data-status="completed"/);
  assert.match(html, /3 min 40 s/);
  assert.match(html, /\$0\.025/);
  assert.match(
    html,
    /<time datetime="2026-10-05T12:00:00\.000Z" title="2026-10-05 12:00:00 UTC">2 h ago/,
  );
});

Deno.test("what is not known is a dash, never a zero", () => {
  const unknown = {
    price_usd: null,
    sources_read: null,
    ended_ms: null,
    status: "running",
    progress: null,
  };
  const html = htmlOf(<RunTable runs={[summary(unknown)]} now={START_MS} />);
  assert.doesNotMatch(html, /\$0|NaN|null|undefined|>0 /);
  assert.ok((html.match(/–/g)?.length ?? 0) >= 3);
});

Deno.test("success is a whole share, and each processor's time is that of the three periods", () => {
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
      budgetProblem={null}
    />,
  );
  const cells = (name: string) =>
    new RegExp(`${name}</th>(.*?)</tr>`).exec(html)?.[1]?.replace(/<[^>]+>/g, "|");
  assert.equal(cells("Success"), "|29 %||57 %||58 %|");
  assert.equal(cells("pro"), "|–||1 min 5 s||2 min 0 s|");
});

Deno.test("pages are linked both ways, and a first page has no way back", () => {
  const both = render({ runs: [summary()], next: "n&x", prev: "p" }, "q=a+b&cursor=c");
  assert.match(both, /rel="next" href="\/tasks\?q=a\+b&amp;cursor=n%26x"/);
  assert.match(both, /rel="prev" href="\/tasks\?q=a\+b&amp;cursor=p"/);
  assert.doesNotMatch(render({ runs: [summary()], next: null, prev: null }), /rel=/);
});

Deno.test("an empty history says what to do first", () => {
  assert.match(render({ runs: [], next: null, prev: null }), /No tasks yet[\s\S]*href="\/"/);
});

Deno.test("a simulated run is stamped in the list", () => {
  assert.match(
    render({ runs: [summary({ simulated: true })], next: null, prev: null }),
    /simulated/,
  );
});

Deno.test("hostile titles and statuses stay text", () => {
  const html = render({
    runs: [summary({ title: HOSTILE, status: HOSTILE })],
    next: null,
    prev: null,
  });
  assert.doesNotMatch(html, /<img|<script/);
});

Deno.test("the front page offers the ways in and carries where to go on", () => {
  const page = htmlOf(
    <Welcome next={`/tasks/${HOSTILE}`} sandboxEnabled problem="refused" />,
  );
  assert.match(page, /action="\/auth\/sandbox"/);
  assert.match(page, /action="\/auth\/key"/);
  assert.match(page, /aria-invalid="true"[^>]*aria-describedby="api_key-error"/);
  assert.match(page, /does not accept this key/);
  assert.doesNotMatch(page, /<img|<script/);
  const odd = htmlOf(<Welcome next="/" sandboxEnabled={false} problem="constructor" />);
  assert.match(odd, /Signing in did not work/);
  assert.doesNotMatch(odd, /auth\/sandbox/);
});

Deno.test("the theme button names what is and what comes next, round the three", () => {
  const html = (theme: "system" | "light" | "dark") =>
    htmlOf(<Header account={null} theme={theme} here="/" />);
  assert.match(html("system"), /value="light"/);
  assert.match(html("light"), /value="dark"/);
  assert.match(html("dark"), /value="system"[^>]*aria-label="Colours: dark\. Switch to system"/);
});
