import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { Header } from "../../components/Header.tsx";
import { History } from "../../routes/tasks/(_parts)/History.tsx";
import { Numbers } from "../../routes/tasks/(_parts)/Numbers.tsx";
import { Welcome } from "../../routes/(_parts)/Welcome.tsx";
import { readListQuery } from "../../routes/tasks/(_parts)/list_query.ts";
import { sumUp } from "../../lib/runs/history/figures.ts";
import { RunTable } from "../../components/RunTable.tsx";
import type { HistoryPage } from "../../lib/runs/model/model.ts";
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
  assertMatch(html, new RegExp(`href="/tasks/${RUN_ID}"`));
  assertMatch(html, /data-status="completed"/);
  assertMatch(html, /3 min 40 s/);
  assertMatch(html, /\$0\.025/);
  assertMatch(
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
  assertNotMatch(html, /\$0|NaN|null|undefined|>0 /);
  assert((html.match(/–/g)?.length ?? 0) >= 3);
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
  assertStrictEquals(cells("Success"), "|29 %||57 %||58 %|");
  assertStrictEquals(cells("pro"), "|–||1 min 5 s||2 min 0 s|");
});

Deno.test("pages are linked both ways, and a first page has no way back", () => {
  const both = render({ runs: [summary()], next: "n&x", prev: "p" }, "q=a+b&cursor=c");
  assertMatch(both, /rel="next" href="\/tasks\?q=a\+b&amp;cursor=n%26x"/);
  assertMatch(both, /rel="prev" href="\/tasks\?q=a\+b&amp;cursor=p"/);
  assertNotMatch(render({ runs: [summary()], next: null, prev: null }), /rel=/);
});

Deno.test("an empty history says what to do first", () => {
  assertMatch(render({ runs: [], next: null, prev: null }), /No tasks yet[\s\S]*href="\/"/);
});

Deno.test("a simulated run is stamped in the list", () => {
  assertMatch(
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
  assertNotMatch(html, /<img|<script/);
});

Deno.test("the front page offers the ways in and carries where to go on", () => {
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

Deno.test("the theme button names what is and what comes next, round the three", () => {
  const html = (theme: "system" | "light" | "dark") =>
    htmlOf(<Header account={null} theme={theme} here="/" />);
  assertMatch(html("system"), /value="light"/);
  assertMatch(html("light"), /value="dark"/);
  assertMatch(html("dark"), /value="system"[^>]*aria-label="Colours: dark\. Switch to system"/);
});
