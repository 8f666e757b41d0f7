/** Long traces in parts: pages stay small, and every event is reachable. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { readPage, readTraced } from "../../../lib/runs/life/page.ts";
import { matchesInTurns, readPart } from "../../../lib/runs/life/trace_part.ts";
import { matching, type TraceQuery } from "../../../lib/runs/model/mod.ts";
import { type TestApp, type TestBrowser, withApp } from "../../app/test_app.ts";
import { VALID_RUN } from "../../history/valid_run.ts";

const START_MS = Date.UTC(2026, 9, 5, 12);
const ALL: TraceQuery = { from: null, to: null, find: "", kind: "", raw: null };

interface Said {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** A round of research: a search with its queries and pages, figures, a thought, a finding. */
const ROUND = ["search", "search", "search", "extract", "extract", "stats", "reasoning", "result"];

function research(at: number): Said {
  const kind = ROUND[at % ROUND.length]!;
  if (kind === "stats") {
    return {
      type: "task_run.progress_stats",
      payload: {
        source_stats: {
          num_sources_considered: at,
          num_sources_read: at >> 1,
          sources_read_sample: [`https://site${at}.example/${"x".repeat(400)}`],
        },
        progress_meter: at % 100,
      },
    };
  }
  const message = {
    search: at % ROUND.length === 0 ? `Objective: part ${at}` : `Query: number ${at}`,
    extract: `Extract: https://a.example/page/${at}`,
    reasoning: `Thought ${at}`,
    result: `Finding ${at}. It says more.`,
  }[kind];
  return { type: `task_run.progress_msg.${kind}`, payload: { message } };
}

/** Imports a run whose events are made by `say`. */
async function importRun(
  browser: TestBrowser,
  events: number,
  say: (at: number) => Said,
  more: Record<string, unknown> = {},
): Promise<void> {
  const run = {
    ...VALID_RUN,
    run_id: "trun_long",
    created_ms: START_MS,
    ended_ms: START_MS + events * 1000,
    ...more,
    events: Array.from({ length: events }, (_, at) => {
      const { type, payload } = say(at);
      const timestamp = new Date(START_MS + at * 1000).toISOString();
      return {
        id: at + 1,
        received_ms: START_MS + at * 1000,
        type,
        data: JSON.stringify({ type, ...payload, timestamp }),
      };
    }),
  };
  const lines = [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }];
  const response = await browser.fetch("/tasks/transfer", {
    method: "POST",
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
  says(await response.text(), /1 imported/);
}

const onRun = (
  events: number,
  say: (at: number) => Said,
  look: (browser: TestBrowser, app: TestApp) => Promise<void>,
) =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await importRun(browser, events, say);
    await look(browser, app);
  });

/** Pages are long, so a failure prints only what is missing. */
const says = (html: string, text: RegExp) => assert(text.test(html), `says ${text}`);
const lacks = (html: string, text: RegExp) => assert(!text.test(html), `says ${text}`);

const idsIn = (html: string) =>
  [...html.matchAll(/ id="e(\d+)"/g)].map(([, id]) => Number(id)).sort((a, b) => a - b);

/** The IDs of all parts that links lead to, from a first page on. */
async function walk(browser: TestBrowser, first: string, rel: "prev" | "next"): Promise<number[]> {
  const ids: number[] = [];
  for (let path: string | null = first; path !== null;) {
    const html: string = await browser.text(path);
    ids.push(...idsIn(html));
    const href: string | undefined = new RegExp(`rel="${rel}" href="([^"#]*)`).exec(html)?.[1];
    path = href === undefined ? null : `/tasks/trun_long${href.replaceAll("&amp;", "&")}`;
    assert(ids.length < 30_000, "the walk ends");
  }
  return ids;
}

const LONG: readonly (readonly [name: string, say: (at: number) => Said])[] = [
  ["rounds of research", research],
  ["5 KB of markup each", (at) => ({
    type: "task_run.progress_msg.result",
    payload: { message: `${at} ${'<"&'.repeat(100)}` },
  })],
  ["pages alone", (at) => ({
    type: "task_run.progress_msg.extract",
    payload: { message: `Extract: https://a.example/${at}/${"&".repeat(300)}` },
  })],
  ["figures alone", (at) => research(5 + 8 * at)],
  [
    "types that nobody knows",
    (at) => ({ type: `task_run.progress_msg.telepathy_${at}`, payload: { at } }),
  ],
];

for (const [at, [name, say]] of LONG.entries()) {
  // One run has the most events that are kept; for the others, many pages are enough.
  const events = at === 0 ? 20_000 : 4_000;
  const [from, to, raw] = [0.95, 0.5, 0.62].map((share) => share * events);
  Deno.test(`${events} events, ${name}: no page is larger than 250 KB`, () =>
    onRun(events, say, async (browser) => {
      const queries = [`?from=${from}`, `?to=${to}`, `?raw=${raw}`, "?find=1", "?kind=Read"];
      for (const query of ["", ...queries]) {
        const html = await browser.text(`/tasks/trun_long${query}`);
        assert(new TextEncoder().encode(html).length <= 250_000, `${query}: ${html.length}`);
      }
    }));
}

Deno.test("links lead through every event, forwards and backwards", () =>
  onRun(1_234, research, async (browser) => {
    // An import adds the state that a trace ends with.
    const all = Array.from({ length: 1_235 }, (_, at) => at + 1);
    assertEquals(await walk(browser, "/tasks/trun_long", "next"), all);
    const back = await walk(browser, "/tasks/trun_long?to=1235", "prev");
    assertEquals(back.toSorted((a, b) => a - b), all);
  }));

Deno.test("trace parts break between steps, so search keeps its pages", () =>
  onRun(1_000, research, async (browser) => {
    for (const query of ["", "?to=777", "?raw=500", "?from=401"]) {
      const html = await browser.text(`/tasks/trun_long${query}`);
      lacks(html, /Pages read from/);
      const rows = [...html.matchAll(/<li id="e\d+" class="e" data-kind="(\w+)"/g)];
      assertStrictEquals(rows.length > 20, true, query);
    }
  }));

Deno.test("search and filters cover every event of a long trace, in parts too", () =>
  onRun(5_000, research, async (browser) => {
    const one = await browser.text("/tasks/trun_long?find=Thought+4006");
    assertEquals(idsIn(one), [4_007]);
    says(one, />1<\/span> of <span[^>]*>5,001</);
    const thoughts = Array.from({ length: 625 }, (_, at) => at * 8 + 7);
    assertEquals(await walk(browser, "/tasks/trun_long?kind=Thoughts", "next"), thoughts);
    assertEquals(
      (await walk(browser, "/tasks/trun_long?kind=Thoughts&to=5000", "prev")).toSorted((a, b) =>
        a - b
      ),
      thoughts,
    );
    const both = await browser.text("/tasks/trun_long?kind=Findings&find=number");
    says(both, />No event<\/span> of <span[^>]*>5,001</);
    says(await browser.text("/tasks/trun_long?kind=Nonsense"), /id="e1"/);
    // The filters count what they show.
    const html = await browser.text("/tasks/trun_long");
    for (const [name, count] of [["Searches", "625"], ["Read", "1,250"], ["Findings", "625"]]) {
      says(html, new RegExp(`data-filter="${name}"[^>]*>${name} <small>${count}<`));
    }
    lacks(html, /data-filter="(?:Plans|Tools|Errors|Other)"(?![^>]* hidden)/);
  }));

Deno.test("a link to an event shows it raw, and the script requests only the part", () =>
  onRun(5_000, research, async (browser) => {
    for (const id of [1, 3_210, 5_000]) {
      const html = await browser.text(`/tasks/trun_long?raw=${id}`);
      assert(idsIn(html).includes(id));
      says(html, /trace-part"[^>]* open/);
      says(html, /<pre class="raw"/);
      const part = await browser.text(`/tasks/trun_long/trace?raw=${id}`);
      lacks(part, /<main|<h1|stylesheet/);
      assertEquals(idsIn(part), idsIn(html));
    }
  }));

Deno.test("an invalid URL shows the first part", () =>
  onRun(300, research, async (browser) => {
    for (const query of ["from=0", "from=-3", "from=1e99", "to=x", "raw=NaN", "from=999999"]) {
      const response = await browser.fetch(`/tasks/trun_long?${query}`);
      assertStrictEquals(response.status, 200, query);
      assert(idsIn(await response.text()).length > 0, query);
    }
  }));

Deno.test("the page of a long run matches its whole log", () =>
  onRun(3_000, research, async (_browser, app) => {
    const account = await accountOf(app);
    const { kv } = app.services;
    const whole = (await readPage(kv, account, "trun_long"))!;
    let read = 0;
    const part = (await readTraced(kv, account, "trun_long", {
      query: ALL,
      weigh: (bytes) => {
        read += bytes;
        return undefined;
      },
    }))!;
    const { sources: _, ...view } = part.view;
    const { sources: __, ...expected } = whole.view;
    assertEquals(view, expected);
    assertStrictEquals(part.part.total, 3_001);
    assert(read < 150_000, `${read} bytes were read for the first part`);
  }));

/** The only account that has the run. */
async function accountOf({ services }: TestApp): Promise<string> {
  const members = await Array.fromAsync(services.kv.list({ prefix: ["member"] }));
  return String(members.find(({ key }) => key[2] === "trun_long")?.key[1]);
}

Deno.test("a page shows no event that came after its figures were read", () =>
  withApp(async (app) => {
    await importRun(await app.browser().enterSandbox(), 3, research);
    for (const lastId of [0, 1, 2]) {
      const { events, part } = await readPart({
        kv: app.services.kv,
        runId: "trun_long",
        lastId,
        ended: false,
        weigh: () => undefined,
        publish: (event) => event,
      }, ALL);
      assertEquals([events.length, part.total, part.upTo], [lastId, lastId, lastId]);
    }
  }));

Deno.test("a search reads an event of megabytes in steps, and finds text wherever it stands", async () => {
  const size = 3_000_000;
  const event = { id: 1, type: "a", received_ms: 1 };
  let longest = 0, calls = 0;
  const count = ({ data }: { readonly data: string }) => {
    calls++;
    longest = Math.max(longest, data.length);
    return false;
  };
  assert(!await matchesInTurns(count, { ...event, data: "11,".repeat(size / 3) }));
  assert(calls > 20 && longest < 150_000, `${calls} calls, ${longest} characters`);
  // Four steps.
  const chars = 500_000;
  for (const at of [0, 128 * 1024 - 5, 136 * 1024 - 5, 136 * 1024, chars - 10]) {
    const data = `${"11,".repeat(at / 3)}Ünit 1,234 `.padEnd(chars, "11,");
    assert(await matchesInTurns(matching("ünit 1234"), { ...event, data }), String(at));
    assert(!await matchesInTurns(matching("ünit 1235"), { ...event, data }), String(at));
  }
});
