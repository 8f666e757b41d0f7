/** Large runs are read and rendered one at a time, small ones do not wait, and few may queue. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { nextTurn } from "../../lib/base/paced.ts";
import { chosenRequests } from "../../lib/transfer/export.ts";
import { LargeViews, ViewsBusyError, type Weigh } from "../../lib/limits/views.ts";
import { FakeTimers } from "../sse/support/timers.ts";
import { ORIGIN, type TestBrowser, withApp } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const LARGE = 300 * 1024;

Deno.test("a large view waits for the previous one, a small one waits for none", async () => {
  const views = new LargeViews(new FakeTimers());
  const order: string[] = [];
  const [first, second, small] = [views.open("a"), views.open("b"), views.open("c")];
  await first.weigh(LARGE);
  const waiting = Promise.resolve(second.weigh(LARGE)).then(() => order.push("second"));
  assertStrictEquals(small.weigh(1024), undefined);
  order.push("small");
  first[Symbol.dispose]();
  await waiting;
  assertEquals(order, ["small", "second"]);
  second[Symbol.dispose]();
});

Deno.test("many small parts count as large together, and all reads of one request share its turn", async () => {
  const views = new LargeViews(new FakeTimers());
  const busy = views.open("a"), request = views.open("b");
  await busy.weigh(LARGE);
  let waits = 0;
  for (let read = 0; read < LARGE; read += 1024) if (request.weigh(1024) !== undefined) waits++;
  assert(waits > 0);
  const parts = Promise.all([request.weigh(1), request.weigh(1)]);
  busy[Symbol.dispose]();
  await parts;
});

Deno.test("a view is rejected if too many wait, or after the longest wait", async () => {
  const timers = new FakeTimers();
  const views = new LargeViews(timers);
  const busy = views.open("a");
  await busy.weigh(LARGE);
  const waiting = Array.from({ length: 6 }, () => views.open("a").weigh(LARGE));
  await assertRejects(async () => await views.open("a").weigh(LARGE), ViewsBusyError);
  const late = Promise.allSettled(waiting);
  timers.advance(60_000);
  assert((await late).every(({ status }) => status === "rejected"));
  busy[Symbol.dispose]();
  await views.open("a").weigh(LARGE);
});

Deno.test("a turn for a failed request is passed on", async () => {
  const views = new LargeViews(new FakeTimers());
  const busy = views.open("a"), failed = views.open("b"), next = views.open("c");
  await busy.weigh(LARGE);
  const unused = failed.weigh(LARGE), wanted = next.weigh(LARGE);
  failed[Symbol.dispose]();
  busy[Symbol.dispose]();
  await unused;
  await wanted;
});

Deno.test("requests are read in turns as well, for the columns of several tables at once", async () => {
  const views = new LargeViews(new FakeTimers());
  let reading = 0, most = 0;
  const runs = {
    page: () => Promise.resolve(null),
    async request(_account: string, _id: string, weigh: Weigh = () => undefined) {
      await weigh(LARGE);
      most = Math.max(most, ++reading);
      await nextTurn();
      reading--;
      return null;
    },
  };
  const columns = () => Array.fromAsync(chosenRequests({ runs, views }, "a", ["b", "c"]));
  await Promise.all([columns(), columns(), columns()]);
  assertStrictEquals(most, 1);
});

Deno.test("the download of a large run keeps its turn until it is made, whether or not it is read", async () => {
  const views = new LargeViews(new FakeTimers());
  const pieces = async function* () {
    for (let at = 0; at < 100; at++) yield new Uint8Array(64 * 1024);
  };
  const [large, small, next] = ["a", "b", "c"].map((who) => views.open(who));
  assert(large && small && next);
  await large.weigh(LARGE);
  const answer = ReadableStream.from(pieces());
  small.weigh(1024);
  assertStrictEquals(small.send(answer), answer);
  assert(!small.isSending);
  const waiting = next.weigh(LARGE);
  const sent = large.send(ReadableStream.from(pieces()));
  assert(large.isSending);
  await waiting;
  next[Symbol.dispose]();
  let bytes = 0;
  for await (const chunk of sent) bytes += chunk.byteLength;
  assertStrictEquals(bytes, 100 * 64 * 1024);
});

/** Imports a run whose input has this many characters. */
async function importRun(browser: TestBrowser, chars: number): Promise<void> {
  const run = { ...VALID_RUN, input: { input: "x".repeat(chars), processor: "lite" } };
  const lines = [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }];
  const sent = await browser.fetch("/tasks/transfer", {
    method: "POST",
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
  assertMatch(await sent.text(), /1 imported/);
}

Deno.test("slow readers of large downloads delay no other request, and each gets all of it", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await importRun(browser, 15_000_000);
    const info = {
      remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
      completed: Promise.resolve(),
    } as const;
    const headers = {
      cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    };
    const ask = () =>
      app.handle(new Request(`${ORIGIN}/tasks/trun_a/result.json`, { headers }), info);
    const answers: Response[] = [];
    for (let n = 0; n < 8; n++) answers.push(await ask());
    assertEquals(answers.map(({ status }) => status), Array(8).fill(200));
    // Pages are not downloads.
    assertStrictEquals((await browser.fetch("/tasks/trun_a")).status, 200);
    for (const answer of answers) {
      const { input: { input } } = await answer.json();
      assertStrictEquals(input.length, 15_000_000);
    }
  }));

Deno.test("pages and exports of a large run get 503 without a turn, small ones are served", () => {
  const timers = new FakeTimers();
  return withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const events = Array.from({ length: 2_000 }, (_, n) => ({
      id: n + 1,
      received_ms: 1,
      type: "task_run.progress_msg.plan",
      data: JSON.stringify({ message: `Step ${n}` }),
    }));
    // A page reads the trace in part, so it is the result that makes it large.
    const texts = Array.from({ length: 64 }, (_, n) => [`f${n}`, "word ".repeat(LARGE / 320)]);
    const content = { ...Object.fromEntries(texts), end: "the last word" };
    const output = { type: "json", content, basis: [] };
    const runs = [{ ...VALID_RUN, events, output }, { ...VALID_RUN, run_id: "trun_small" }];
    const lines = [
      { taskstream: "history", version: 1 },
      ...runs.map((run) => ({ run })),
      { end: { runs: 2 } },
    ];
    const sent = await browser.fetch("/tasks/transfer", {
      method: "POST",
      body: lines.map((line) => JSON.stringify(line)).join("\n"),
      headers: { "content-type": "application/x-ndjson" },
    });
    assertMatch(await sent.text(), /2 imported/);
    const shared = await browser.post("/tasks/trun_a/share", {});
    await shared.body?.cancel();
    const token = /\/s\/([\w-]{43})/.exec(await browser.text("/tasks/trun_a"))?.[1];
    const busy = app.services.views.open("elsewhere");
    await busy.weigh(LARGE);
    const paths = [
      "/tasks/trun_a",
      `/s/${token}`,
      "/tasks/trun_a/report.md",
      "/tasks/trun_a/result.json",
      "/tasks/trun_a/trace.ndjson",
      "/compare?ids=trun_a",
    ];
    for (const path of paths) {
      const asked = browser.fetch(path);
      const before = timers.pending.size;
      while (timers.pending.size <= before) await new Promise((resolve) => setTimeout(resolve));
      assertStrictEquals((await browser.fetch("/tasks/trun_small")).status, 200);
      timers.advance(60_000);
      const refused = await asked;
      assertStrictEquals(refused.status, 503, path);
      assertStrictEquals(refused.headers.get("retry-after"), "5");
      assertMatch(await refused.text(), /Try again in a few seconds/);
    }
    // Six exports at once come one after the other, each whole.
    busy[Symbol.dispose]();
    const pages = await Promise.all(
      Array.from({ length: 6 }, () => browser.fetch("/tasks/trun_a/result.json")),
    );
    for (const page of pages) {
      assertStrictEquals(page.status, 200);
      assertMatch(await page.text(), /the last word/);
    }
  }, { timers });
});

Deno.test("the cost of running tasks again is shown without reading their requests", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await importRun(browser, LARGE);
    // A reader would notice that a part is missing.
    await app.services.kv.delete(["run", "trun_a", "input", 1]);
    assertMatch(await browser.text("/tasks?again=trun_a"), /Run this task again\?/);
    assertStrictEquals((await browser.fetch("/tasks/trun_a")).status, 500);
  }));
