import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStrictEquals,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import { type TestBrowser, withApp } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const location = (response: Response) => response.headers.get("location") ?? "";

Deno.test("a task runs again unchanged, the new run links to the first one, and a double click creates one", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({
      input: "Again and again",
      output_type: "text",
      text_description: "One line",
      metadata: '{"team":"blue"}',
    });
    const response = await browser.post(`/tasks/${runId}/rerun`, { idempotency_key: "k" });
    assertStrictEquals(response.status, 303);
    const repeated = await browser.post(`/tasks/${runId}/rerun`, { idempotency_key: "k" });
    assertStrictEquals(location(repeated), location(response));
    const made = location(response).slice("/tasks/".length);
    assertNotEquals(made, runId);
    const of = async (id: string) => await (await browser.fetch(`/tasks/${id}/result.json`)).json();
    const [first, again] = [await of(runId), await of(made)];
    assertEquals(again.input, first.input);
    assertEquals([first.run.rerun_of, again.run.rerun_of], [null, runId]);
    const unwanted = await browser.post(`/tasks/${runId}/rerun`, {});
    assertNotEquals(location(unwanted), location(response));
  }));

Deno.test("MCP header values are reused for the owner's rerun, but not for other members", async () => {
  const sent: unknown[] = [];
  let count = 0;
  await withApp(async (app) => {
    const browser = await app.browser().enterKey("pk-mine-1234567890");
    const servers = JSON.stringify([{
      type: "url",
      url: "https://mcp.example/",
      name: "m",
      headers: { authorization: "Bearer secret-of-mine" },
    }]);
    const runId = await browser.createTask({ mcp_servers: servers });
    const response = await browser.post(`/tasks/${runId}/rerun`, {});
    assertMatch(location(response), /^\/tasks\/trun_/);
    assertStrictEquals(sent.length, 2);
    assertEquals(sent[1], sent[0]);
    assertMatch(JSON.stringify(sent[1]), /secret-of-mine/);
    // A colleague with another key of the same organisation adopts the run by opening it.
    const colleague = await app.browser().enterKey("pk-other-0987654321");
    assertStrictEquals((await colleague.fetch(`/tasks/${runId}`)).status, 200);
    const theirs = await colleague.post(`/tasks/${runId}/rerun`, {});
    assertStrictEquals(location(theirs), `/?edit=${runId}`);
    assertStrictEquals(sent.length, 2);
  }, {
    api: async (request) => {
      const { pathname } = new URL(request.url);
      const task = (run_id: string) => ({
        run_id,
        interaction_id: run_id,
        status: "queued",
        is_active: true,
        processor: "lite",
        created_at: "2026-10-01T00:00:00Z",
        modified_at: "2026-10-01T00:00:00Z",
      });
      if (request.method === "POST") {
        sent.push(await request.json());
        return Response.json(task(`trun_${++count}`));
      }
      if (pathname.endsWith("/input")) return Response.json(sent[0]);
      const runId = /runs\/(trun_\d+)$/.exec(pathname)?.[1];
      if (runId) return Response.json(task(runId));
      // A stream that says nothing.
      return new Response(new ReadableStream(), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
});

Deno.test("a rejected rerun says why and fills the form", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ input: "Once is enough" });
    const response = await browser.post(`/tasks/${runId}/rerun`, {});
    assertStrictEquals(response.status, 429);
    const form = await response.text();
    assertMatch(form, /at most 1 tasks a minute[\s\S]*Once is enough/);
    assertMatch(
      form,
      new RegExp(`name="rerun_of" value="${runId}"`),
      "sent from there it is a repeat",
    );
  }, { config: { createLimitPerMinute: 1 } }));

Deno.test("one click runs a task on other processors and opens the comparison", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ input: "Compare me" });
    const form = await browser.text(`/compare?ids=${runId}`);
    assertMatch(form, /Run this task on other processors/);
    const body = new URLSearchParams([
      ["compare", "on"],
      ["processor", "base"],
      ["processor", "core"],
    ]);
    const response = await browser.fetch(`/tasks/${runId}/rerun`, { method: "POST", body });
    assertStrictEquals(response.status, 303);
    const ids = new URL(location(response), "http://x").searchParams.get("ids")!.split(",");
    assertStrictEquals(ids.length, 3);
    for (const id of ids) await browser.events(id);
    const page = await browser.text(location(response));
    for (const label of ["lite", "base", "core"]) {
      assertMatch(page, new RegExp(`<th\\s+scope="col">${label}</th>`));
    }
    assertMatch(page, /3 runs of the same input/);
    assertMatch(page, /All have the same input/);
    assertMatch(page.replace(/<!--.*?-->|<[^>]+>/g, ""), /\d+ of \d+ fields differ/);
    // There is room for one more, beside the three that stand there.
    const fields = [["compare", "on"], ...ids.slice(1).map((other) => ["with", other])];
    const more = (...names: string[]) =>
      browser.fetch(`/tasks/${runId}/rerun`, {
        method: "POST",
        body: new URLSearchParams([...fields, ...names.map((name) => ["processor", name])]),
      });
    const many = location(await more("pro", "ultra"));
    assertStrictEquals(many, `/compare?ids=${ids.join(",")}&problem=processors`);
    assertMatch(await browser.text(many), /four tasks in all[\s\S]*name="with" value="/);
    assertMatch(location(await more("pro")), new RegExp(`ids=${ids.join(",")},trun_\\w+$`));
    const none = await browser.post(`/tasks/${runId}/rerun`, { compare: "on" });
    assertMatch(await browser.text(location(none)), /Choose one to three processors/);
  }));

Deno.test("a failed run says why, and identical fields are collapsed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const ids = [
      await browser.createTask({ input: "Same", output_type: "text", text_description: "Short" }),
      await browser.createTask({
        input: "Same",
        output_type: "text",
        text_description: "Short",
        metadata: '{"sandbox":"fail"}',
      }),
    ];
    for (const id of ids) await browser.events(id);
    const { error } = (await (await browser.fetch(`/api/v1/tasks/runs/${ids[1]}`)).json()) as {
      error: { message: string };
    };
    const page = await browser.text(`/compare?ids=${ids.join(",")}`);
    const text = page.replace(/<!--.*?-->/g, "");
    assert(text.includes(`B · lite: failed, without a result: ${error.message}`), text);
    assertNotMatch(text, /\d of \d+ fields differ/, "there is one result, which differs from none");
    assertMatch(text, /The same in all: [^<]*task_spec\.output_schema/);
    assertMatch(text, /<code>metadata\.sandbox<\/code> <span class="stamp">differs/);
  }));

Deno.test("runs of one processor are named by what they asked, where that is a short value", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const compared = async (...inputs: object[]) => {
      const ids: string[] = [];
      for (const input of inputs) {
        const text = JSON.stringify(input);
        ids.push(await browser.createTask({ input: text, input_format: "json" }));
      }
      const page = await browser.text(`/compare?ids=${ids.join(",")}`);
      return [...page.matchAll(/<a href="[^"]*" title="[^"]*"><b>([^<]*)<\/b>/g)].map(([, name]) =>
        name
      );
    };
    const [acme, beta] = [{ firm: "Acme", land: "Norway" }, { firm: "Beta", land: "Norway" }];
    assertEquals(await compared(acme, beta), ["Acme", "Beta"]);
    assertEquals(await compared(acme, acme), ["A · lite", "B · lite"]);
    assertEquals(await compared(acme, { firm: "x".repeat(30) }), ["A · lite", "B · lite"]);
  }));

Deno.test("differences are marked, and only one's own runs can be compared", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const other = await app.browser().enterSandbox();
    const ids = [
      await browser.createTask({ input: "The rivers of France" }),
      await browser.createTask({ input: "The rivers of Peru" }),
    ];
    const page = await browser.text(`/compare?ids=${ids.join(",")}`);
    assertMatch(page, /<mark[^>]*>Peru<\/mark>/);
    assertStrictEquals((await other.fetch(`/compare?ids=${ids[0]}`)).status, 404);
    assertStrictEquals((await browser.fetch("/compare?ids=trun_absent,trun_gone")).status, 404);
    for (const id of ["trun_absent", await other.createTask({ input: "Not for others" })]) {
      const rest = await browser.text(`/compare?ids=${ids.join(",")},${id}`);
      assertMatch(
        rest,
        /Some of these tasks were deleted or belong to another account[\s\S]*A · lite[\s\S]*B · lite/,
      );
      assertNotMatch(rest, /Not for others|C · /);
    }
    assertMatch(await browser.text("/compare"), /Tick two to four tasks/);
    assertStrictEquals((await app.browser().fetch("/compare?ids=a,b")).status, 303);
  }, { config: { sandboxSpeed: 0.01 } }));

Deno.test("a comparison renders texts as the result's page does, and long texts and inputs in part", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const report = `## Costs\n\n**Two** makers lead [1].\n\n<script>alert(1)</script>\n\n`;
    const citations = [{ url: "https://a.example/x", title: "A", excerpts: [] }];
    const run = (run_id: string, text: string) => ({
      ...VALID_RUN,
      run_id,
      interaction_id: run_id,
      input: { input: { rows: Array.from({ length: 9_000 }, (_, n) => n) }, processor: "lite" },
      output: {
        type: "text",
        content: text,
        basis: [{ field: "output", reasoning: "", confidence: "high", citations }],
      },
    });
    await importRuns(browser, [
      run("trun_a", report),
      run("trun_b", report + "* word\n".repeat(9_000)),
    ]);
    const html = await browser.text("/compare?ids=trun_a,trun_b");
    assertStrictEquals(html.match(/<h3>Costs<\/h3>/g)?.length, 2);
    assertMatch(
      html,
      /<strong>Two<\/strong> makers lead <a href="\/tasks\/trun_b#source-1" class="chip"/,
    );
    assertNotMatch(html, /<script>alert|\*\*Two/);
    const [, rest = ""] = /… (\S+) more characters on <a href="\/tasks\/trun_b">/.exec(html) ?? [];
    assert(Number(rest.replace(",", "")) > 50_000, rest);
    // 9,000 lines of JSON.
    assertMatch(html, /about \d+ kB in all/);
    assert(html.length < 100_000, String(html.length));
  }));

async function importRuns(browser: TestBrowser, runs: readonly object[]): Promise<void> {
  const lines = [
    { taskstream: "history", version: 1 },
    ...runs.map((run) => ({ run })),
    { end: { runs: runs.length } },
  ];
  const sent = await browser.fetch("/tasks/transfer", {
    method: "POST",
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
  assertMatch(await sent.text(), new RegExp(`${runs.length} imported`));
}

Deno.test("a comparison of results with very many fields shows the first ones, with a note", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const content = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`f${n}`, n]));
    const run = { ...VALID_RUN, output: { type: "json", content, basis: [] } };
    await importRuns(browser, [run]);
    const html = await browser.text("/compare?ids=trun_a");
    assertMatch(
      html.replace(/<!--.*?-->/g, ""),
      /at least 2,000 fields: the first 300 are compared/,
    );
    assert(html.includes("F299<") && !html.includes("F300<"));
    assert(html.length < 4_000_000);
  }));

Deno.test("a comparison waits for each result that it does not show, even if the run has ended since it was read", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const [shown, missed] = [await browser.createTask(), await browser.createTask()];
    const { runs, histories } = app.services;
    const read = runs.page.bind(runs), summaries = histories.summaries.bind(histories);
    const awaited = async () => {
      const response = await browser.fetch(`/compare?ids=${shown},${missed}`);
      const json = /id="__FRSH"[^>]*>(.*?)<\/script>/s.exec(await response.text())![1]!;
      const values = JSON.parse(json).v;
      return values[values[0].awaited].map((at: number) => values[at]);
    };
    const at = (id: string, ended: boolean) => async (...args: Parameters<typeof read>) => {
      const page = (await read(...args))!;
      const isOver = args[1] !== id || ended;
      return { ...page, ended: isOver, output: isOver ? page.output : null };
    };
    // As if the run ended between the two reads.
    using _ = stub(
      histories,
      "summaries",
      async (...args) =>
        (await summaries(...args)).map((run) => ({ ...run, status: "completed", ended_ms: 2 })),
    );
    {
      using _ = stub(runs, "page", at(missed, false));
      assertEquals(await awaited(), [missed]);
    }
    using __ = stub(runs, "page", at(missed, true));
    assertEquals(await awaited(), []);
  }));
