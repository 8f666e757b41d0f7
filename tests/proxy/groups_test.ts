/** Groups through `/api`: what programs and the vendor's CLI do, and what is recorded. */
import { assert, assertEquals, assertRejects, assertStrictEquals, fail } from "@std/assert";
import type { Parallel } from "parallel-web";
import { type ProxyApp, type ProxyOptions, sdk, withProxy } from "./proxy_app.ts";
import { GroupApi } from "./group_api.ts";

const SANDBOX = "sandbox-groups-1";
const KEY = "pk-group-key-1234";
const FAST: ProxyOptions = { config: { sandboxSpeed: 200 } };

const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    input: { company: `Acme ${from + index}` },
    processor: "lite",
    metadata: { row: `r${from + index + 1}`, attempt: 1 },
  }));

/** What the vendor's CLI does: a group, chunks of 100, polls, and one read of all runs. */
async function enrich(client: Parallel, rows: number): Promise<Map<string, unknown>> {
  const { taskgroup_id: id } = await client.taskGroup.create({});
  const runIds: string[] = [];
  for (let from = 0; from < rows; from += 100) {
    const inputs = rowsOf(Math.min(100, rows - from), from);
    const default_task_spec = { output_schema: "Who leads the company?" };
    const added = await client.taskGroup.addRuns(id, { inputs, default_task_spec });
    runIds.push(...added.run_ids);
  }
  while ((await client.taskGroup.retrieve(id)).status.is_active);
  const results = new Map<string, unknown>();
  const query = { include_input: true, include_output: true };
  for await (const event of await client.taskGroup.getRuns(id, query)) {
    if (event.type !== "task_run.state") continue;
    results.set(event.run.run_id, event.output?.content);
  }
  assertEquals([...results.keys()].sort(), [...runIds].sort());
  return results;
}

/** Waits until nothing is left to record. */
async function recorded({ app }: ProxyApp): Promise<void> {
  const signal = AbortSignal.timeout(120_000);
  await app.services.keepRecording(signal);
  assertStrictEquals(signal.aborted, false, "something is still recorded");
}

/** Everything that the account of a key has, by run id: input, status, output. */
async function historyOf({ app }: ProxyApp, key: string) {
  const account = await app.services.accounts.find(key) ?? fail("no account");
  const found = new Map<
    string,
    { input: unknown; status: string; output: unknown; events: number }
  >();
  let cursor: string | null = null;
  do {
    const page = await app.services.runs.list(account.id, { limit: 100, cursor });
    for (const { run_id, status } of page.runs) {
      const run = await app.services.runs.page(account.id, run_id) ?? fail(run_id);
      if (run.ended) assertStrictEquals(run.view.status, status);
      found.set(run_id, {
        status,
        input: run.run.input.input,
        output: run.output?.content ?? null,
        events: run.events.length,
      });
    }
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

Deno.test("200 rows pass as the vendor's CLI sends them, with a sandbox key and the default settings", () =>
  withProxy(async (proxy) => {
    const results = await enrich(sdk(proxy.origin, SANDBOX), 200);
    await recorded(proxy);
    const history = await historyOf(proxy, SANDBOX);
    assertStrictEquals(history.size, 200);
    for (const [id, { status, output }] of history) {
      assertEquals([status, output], ["completed", results.get(id)]);
    }
    const companies = new Set([...history.values()].map(({ input }) => JSON.stringify(input)));
    assertStrictEquals(companies.size, 200);
  }, {
    config: {
      sandboxSpeed: 200,
      createLimitPerMinute: 2_000,
      sandboxCreatesPerMinute: 60,
      sandboxRunsMax: 200,
      sandboxRowsPerDay: 2_000,
      sandboxBytesMax: 268_435_456,
    },
  }));

Deno.test("200 rows with a real key open one stream for the group and none per row", () => {
  const api = new GroupApi();
  return withProxy(async (proxy) => {
    const client = sdk(proxy.origin, KEY);
    const { taskgroup_id: id } = await client.taskGroup.create({});
    for (const from of [0, 100]) await client.taskGroup.addRuns(id, { inputs: rowsOf(100, from) });
    assertStrictEquals((await historyOf(proxy, KEY)).size, 200);
    while (api.streams === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    api.endAll();
    await recorded(proxy);
    const history = await historyOf(proxy, KEY);
    assertStrictEquals(history.size, 200);
    for (const { status, input, output, events } of history.values()) {
      assertEquals([status, output], ["completed", `About ${JSON.stringify(input)}`]);
      assert(events >= 1 && events <= 2, "the last state, and that it was running");
    }
    assertStrictEquals(api.mostStreams, 1);
    const asked = (pattern: RegExp) => api.asked.filter((each) => pattern.test(each)).length;
    assertStrictEquals(asked(/\/tasks\/runs\/[^/]+\/events/), 0, "streams of rows");
    assertStrictEquals(asked(/\/tasks\/runs\//), 0, "single runs");
  }, { api: api.answer, ...api.options });
});

Deno.test("a run in a group has its own page and stream, with our IDs", () =>
  withProxy(async (proxy) => {
    const client = sdk(proxy.origin, SANDBOX);
    const { taskgroup_id: id } = await client.taskGroup.create({});
    const { run_ids: [runId = ""] } = await client.taskGroup.addRuns(id, { inputs: rowsOf(1) });
    await recorded(proxy);
    const headers = { "x-api-key": SANDBOX };
    const stream = await proxy.fetch(`/api/v1/tasks/runs/${runId}/events`, { headers });
    const text = await stream.text();
    const last = Number([...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]);
    assert(last >= 1 && text.includes("id: 1\n"));
    assert(text.includes('"status":"completed"'));
    const again = await proxy.fetch(`/api/v1/tasks/runs/${runId}/events?last_event_id=${last}`, {
      headers,
    });
    assertStrictEquals(again.status, 204);
    const browser = await proxy.app.browser().enterKey(SANDBOX);
    assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 200);
    const { input } = await (await browser.fetch(`/tasks/${runId}/result.json`)).json();
    assertEquals(input.input, { company: "Acme 0" });
  }, FAST));

Deno.test("failed runs of a group are recorded as failed, in any order", () =>
  withProxy(async (proxy) => {
    const client = sdk(proxy.origin, SANDBOX);
    const { taskgroup_id: id } = await client.taskGroup.create({
      metadata: { sandbox: "fail:40,shuffle" },
    });
    await client.taskGroup.addRuns(id, { inputs: rowsOf(30) });
    await recorded(proxy);
    const { status: { task_run_status_counts: counts } } = await client.taskGroup.retrieve(id);
    const kept = [...(await historyOf(proxy, SANDBOX)).values()];
    for (const word of ["completed", "failed"]) {
      assertStrictEquals(kept.filter(({ status }) => status === word).length, counts[word], word);
      assert(counts[word]! > 3);
    }
  }, FAST));

for (const fault of ["lost@1", "late:4@1"]) {
  Deno.test(`${fault}: despite a lost response all runs are in the history`, () => {
    let ms = Date.now();
    return withProxy(async (proxy) => {
      const client = sdk(proxy.origin, SANDBOX);
      const { taskgroup_id: id } = await client.taskGroup.create({ metadata: { sandbox: fault } });
      await assertRejects(() => client.taskGroup.addRuns(id, { inputs: rowsOf(5) }));
      // Time passes as fast as it is looked at.
      const passing = setInterval(() => ms += 1_000, 5);
      try {
        await recorded(proxy);
      } finally {
        clearInterval(passing);
      }
      const history = await historyOf(proxy, SANDBOX);
      assertEquals([...history.values()].map(({ status }) => status), Array(5).fill("completed"));
    }, { ...FAST, now: () => ms });
  });
}

Deno.test("a rejected chunk leaves nothing behind", () =>
  withProxy(async (proxy) => {
    const client = sdk(proxy.origin, SANDBOX);
    const { taskgroup_id: id } = await client.taskGroup.create({ metadata: { sandbox: "402@1" } });
    await assertRejects(() => client.taskGroup.addRuns(id, { inputs: rowsOf(5) }));
    await recorded(proxy);
    assertEquals(
      await Array.fromAsync(proxy.app.services.kv.list({ prefix: ["unconfirmed"] })),
      [],
    );
    await client.taskGroup.addRuns(id, { inputs: rowsOf(2) });
    await recorded(proxy);
    assertStrictEquals((await historyOf(proxy, SANDBOX)).size, 2);
    for (const prefix of ["unconfirmed", "feed", "active"]) {
      assertEquals(await Array.fromAsync(proxy.app.services.kv.list({ prefix: [prefix] })), []);
    }
  }, FAST));

Deno.test("runs added earlier by others are imported with ours", () => {
  const api = new GroupApi();
  return withProxy(async (proxy) => {
    api.add("tgrp_1", rowsOf(3));
    const client = sdk(proxy.origin, KEY);
    await client.taskGroup.addRuns("tgrp_1", { inputs: rowsOf(2, 3) });
    api.endAll();
    await recorded(proxy);
    assertStrictEquals((await historyOf(proxy, KEY)).size, 5);
  }, { api: api.answer, ...api.options });
});

Deno.test("adding runs accepts more than a mebibyte, but not nine", () =>
  withProxy(async ({ fetch }) => {
    const headers = { "x-api-key": SANDBOX, "content-type": "application/json" };
    const post = (path: string, body: unknown) =>
      fetch(`/api/v1/tasks/groups${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const { taskgroup_id: id } = await (await post("", {})).json();
    const inputs = rowsOf(100).map((row) => ({ ...row, input: "x".repeat(20_000) }));
    const taken = await post(`/${id}/runs`, { inputs });
    assertStrictEquals(taken.status, 200);
    await taken.body?.cancel();
    const more = await post(`/${id}/runs`, { inputs: Array(500).fill(inputs[0]) });
    assertStrictEquals(more.status, 413);
    await more.body?.cancel();
  }, FAST));
