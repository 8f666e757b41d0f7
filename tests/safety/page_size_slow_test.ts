/** A page has at most 250 KB for any run: a part of its trace, with links to the rest. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const MAX_BYTES = 250_000;

const message = (type: string, text: string) => ({
  type: `task_run.progress_msg.${type}`,
  data: JSON.stringify({ message: text, timestamp: "2026-01-01T00:00:00Z" }),
});

type Said = { type: string; data: string };

const TRACES: Readonly<Record<string, { count: number; event: (n: number) => Said }>> = {
  "20,000 short messages": { count: 20_000, event: (n) => message("plan", `Step ${n}`) },
  "events of nothing but quotes": { count: 800, event: () => message("plan", '"'.repeat(4_000)) },
  "events of nothing but ampersands": {
    count: 3_000,
    event: () => ({ type: "x.y", data: "&".repeat(5_000) }),
  },
  "long addresses": {
    count: 300,
    event: (n) => message("extract", `Extract: https://a.example/${n}/${"é".repeat(20_000)}`),
  },
  "one event of 12 MB": { count: 1, event: () => message("plan", "x".repeat(12_000_000)) },
  "stats of 2,000 long sources": {
    count: 2_000,
    event: (n) => ({
      type: "task_run.progress_stats",
      data: JSON.stringify({
        source_stats: { sources_read_sample: [`https://${n}.example/${'"'.repeat(460)}`] },
      }),
    }),
  },
  "20,000 changes of phase": {
    count: 20_000,
    event: (n) => ({
      type: `task_run.progress_msg.${n % 2 === 0 ? "plan" : "search"}`,
      data: JSON.stringify({ message: "x", timestamp: new Date(n * 60_000).toISOString() }),
    }),
  },
  "a state with 20,000 warnings": {
    count: 1,
    event: () => ({
      type: "task_run.state",
      data: JSON.stringify({
        run: {
          status: "completed",
          warnings: Array.from({ length: 20_000 }, () => ({ message: '"'.repeat(100) })),
          error: { message: "&".repeat(2_000_000) },
        },
      }),
    }),
  },
};

for (const [name, { count, event }] of Object.entries(TRACES)) {
  Deno.test(`${name}: each page of the run has at most 250 KB and says what it omits`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const events = Array.from({ length: count }, (_, n) => ({ id: n + 1, ...event(n) }));
      const run = { ...VALID_RUN, events, output: { type: "text", content: "Result", basis: [] } };
      const lines = [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }];
      const sent = await browser.fetch("/tasks/transfer", {
        method: "POST",
        body: lines.map((line) => JSON.stringify(line)).join("\n"),
        headers: { "content-type": "application/x-ndjson" },
      });
      assertMatch(await sent.text(), /1 imported/);
      const shared = await browser.post("/tasks/trun_a/share", {});
      assertStrictEquals(shared.status, 303);
      await shared.body?.cancel();
      const token = /\/s\/([\w-]{43})/.exec(await browser.text("/tasks/trun_a"))?.[1];
      for (const path of ["/tasks/trun_a", "/tasks/trun_a?find=e", `/s/${token}`]) {
        const response = await browser.fetch(path);
        assertStrictEquals(response.status, 200, path);
        const bytes = await response.bytes();
        assert(bytes.byteLength <= MAX_BYTES, `${path}: ${bytes.byteLength} bytes`);
        const html = new TextDecoder().decode(bytes);
        if (path.includes("find")) continue;
        const ids = [...html.matchAll(/ id="e(\d+)"/g)].map(([, id]) => Number(id));
        assertStrictEquals(ids[0], 1);
        // An import adds the state that a trace ends with, if it has none.
        const isCut = !ids.includes(count);
        assertStrictEquals(/rel="next"/.test(html), isCut);
      }
    }));
}
