import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { unzipSync } from "fflate";
import { count } from "../../lib/base/format.ts";
import { atOnce } from "../../lib/base/paced.ts";
import { MIGRATIONS } from "../../lib/runs/life/migrate.ts";
import { readLine } from "../../lib/transfer/format.ts";
import { readingCookbookTask } from "../../lib/transfer/cookbook.ts";
import { importHistory } from "../../lib/transfer/import.ts";
import { VALID_RUN } from "./valid_run.ts";
import { everyRun } from "../../lib/transfer/export.ts";
import { EXPORT_FORMATS } from "../../lib/exports/formats.ts";
import { ZipLimitError, type ZipLimits } from "../../lib/exports/zip.ts";
import { MAX_ZIPPED_RUNS, runsZip } from "../../lib/transfer/runs_zip.ts";
import { type TestBrowser, withApp } from "../app/test_app.ts";

const send = (browser: TestBrowser, text: string) =>
  browser.fetch("/tasks/transfer", {
    method: "POST",
    body: text,
    headers: { "content-type": "application/x-ndjson" },
  });

const listed = async (browser: TestBrowser) =>
  [...(await browser.text("/tasks")).matchAll(/href="\/tasks\/(trun_\w+)"/g)].map((match) =>
    match[1]
  );

Deno.test("another Taskstream imports a whole history, and a second import changes nothing", () =>
  withApp((first) =>
    withApp(async (second) => {
      const from = await first.browser().enterSandbox();
      const ids: string[] = [];
      const servers = JSON.stringify([{
        type: "url",
        url: "https://mcp.example/",
        name: "m",
        headers: { authorization: "Bearer secret-of-mine" },
      }]);
      const tasks: Record<string, string>[] = [
        { input: "Text please", output_type: "text", text_description: "A line" },
        { input: "Huge", metadata: '{"sandbox":"huge"}' },
        { input: "With secrets", mcp_servers: servers },
      ];
      for (const fields of tasks) {
        const id = await from.createTask(fields);
        await from.events(id);
        ids.unshift(id);
      }
      const response = await from.fetch("/tasks/export");
      assertStrictEquals(response.status, 200);
      assertMatch(response.headers.get("content-disposition") ?? "", /taskstream\.ndjson/);
      const file = await response.text();
      assertStrictEquals(file.trimEnd().split("\n").length, 5);
      assertNotMatch(file, /secret-of-mine|sandbox-[a-z0-9]{8}/);

      const into = await second.browser().enterSandbox();
      const report = await send(into, file);
      assertStrictEquals(report.status, 200);
      assertMatch(await report.text(), /3 imported/);
      assertEquals(await listed(into), ids);
      for (const id of ids) {
        const of = async (browser: TestBrowser) => {
          const { run, ...rest } = await (await browser.fetch(`/tasks/${id}/result.json`)).json();
          const { source, ...own } = run;
          return { source, own, rest };
        };
        const [before, after] = [await of(from), await of(into)];
        assertEquals([before.source, after.source], ["form", "import"]);
        assertEquals(after.own, before.own);
        assertEquals(after.rest, before.rest);
        assertEquals(await into.events(id), await from.events(id));
      }
      assertMatch(await (await send(into, file)).text(), /0 imported[\s\S]*3 already exist/);
      await into.post(`/tasks/${ids[0]}/delete`, {});
      assertMatch(await (await send(into, file)).text(), /1 was deleted here and was not restored/);
      const stranger = await second.browser().enterSandbox();
      assertMatch(await (await send(stranger, file)).text(), /3 have ids that are in use here/);
      assertEquals(await listed(stranger), []);
      await second.services.histories.indexer.settled();
      assertMatch(await into.text("/tasks?q=huge"), /Huge/);
    })
  ));

Deno.test("unreadable lines of a file are reported, and the rest is imported", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const id = await browser.createTask();
    await browser.events(id);
    const [head, run, end] = (await browser.text("/tasks/export")).trimEnd().split("\n");
    const other = await app.browser().enterSandbox();
    const renamed = run!.replaceAll(id, "trun_renamed");
    const wrong = JSON.stringify({ run: { ...JSON.parse(renamed).run, processor: 7 } });
    const file = [head, "{", wrong, renamed, JSON.stringify({ end: { runs: 3 } })].join("\n");
    const page = await (await send(other, file)).text();
    assertMatch(page, /1 imported/);
    assertMatch(page, /Line 2: it is not valid JSON[\s\S]*Line 3: it does not name a processor/);
    const cut = await send(other, [head, run!.replaceAll(id, "trun_cut")].join("\n"));
    assertStrictEquals(cut.status, 422);
    assertMatch(await cut.text(), /incomplete[\s\S]*1 imported/);
    for (
      const [text, words] of [
        ["hello", /not a history exported by Taskstream/],
        ["", /The file is empty/],
        [`${JSON.stringify({ taskstream: "history", version: 99 })}\n${end}`, /another version/],
        ["[{", /not valid JSON/],
      ] as const
    ) {
      const response = await send(other, text);
      assertMatch(await response.text(), words, text);
      assert(response.status >= 400, text);
    }
  }));

const HEAD = JSON.stringify({ taskstream: "history", version: 1 });
const fileOf = (...runs: readonly Record<string, unknown>[]) =>
  [
    HEAD,
    ...runs.map((run) => JSON.stringify({ run: { ...VALID_RUN, ...run } })),
    JSON.stringify({ end: { runs: runs.length } }),
  ].join("\n");

Deno.test("an imported run is found by its listed title and by its input", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const file = fileOf({ run_id: "trun_named", title: "Zebrafish <b>survey</b> 2026" });
    assertStrictEquals((await send(browser, file)).status, 200);
    app.services.histories.indexer.wake();
    await app.services.histories.indexer.settled();
    for (const query of ["zebrafish", "Survey 2026"]) {
      const list = await browser.text(`/tasks?q=${encodeURIComponent(query)}`);
      assertMatch(list, /\/tasks\/trun_named"/, query);
      // Props of islands are in a script, where Fresh leaves a `<` that ends nothing.
      assertNotMatch(list.replaceAll(/<script\b[^]*?<\/script>/g, ""), /<b>survey/);
    }
    assertNotMatch(await browser.text("/tasks?q=zebra+unknown"), /\/tasks\/trun_named"/);
  }));

Deno.test("a run imported before layout 3 is found by its title after the migration", () =>
  withApp(async (app) => {
    const { histories: { indexer }, kv } = app.services;
    const browser = await app.browser().enterSandbox();
    await send(browser, fileOf({ run_id: "trun_old", title: "Zebrafish survey" }));
    indexer.wake();
    await indexer.settled();
    // Layout 2 had no terms of titles, and none that are written as they are now.
    for (const name of ["term", "terms", "text"]) {
      for await (const { key } of kv.list({ prefix: [name] })) await kv.delete(key);
    }
    assertNotMatch(await browser.text("/tasks?q=zebrafish"), /\/tasks\/trun_old"/);
    await MIGRATIONS[2]?.(kv);
    indexer.wake();
    await indexer.settled();
    assertMatch(await browser.text("/tasks?q=zebrafish"), /\/tasks\/trun_old"/);
  }));

Deno.test("a packed history is refused with the name of its packing, and nothing is imported", async () => {
  const text = fileOf({ run_id: "trun_packed" });
  const units = (littleEndian: boolean, mark: string) => {
    const written = mark + text;
    const view = new DataView(new ArrayBuffer(written.length * 2));
    for (let at = 0; at < written.length; at++) {
      view.setUint16(at * 2, written.charCodeAt(at), littleEndian);
    }
    return new Blob([view.buffer]);
  };
  const gzipped = await new Response(
    new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")),
  ).blob();
  const UTF16 = "The file is in UTF-16. Save it as UTF-8, and import it again.";
  const COMPRESSED = "The file is compressed. Unpack it, and import the history inside.";
  for (
    const [blob, problem] of [
      [units(true, "\ufeff"), UTF16],
      [units(false, "\ufeff"), UTF16],
      [units(true, ""), UTF16],
      [units(false, ""), UTF16],
      [gzipped, COMPRESSED],
      [new Blob(["PK\x03\x04\x14\0", text]), COMPRESSED],
      [new Blob([new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]), text]), COMPRESSED],
      [new Blob(["%PDF-1.7"]), "This is not a history exported by Taskstream."],
    ] as const
  ) {
    const report = await importHistory(blob.stream(), {
      runs: {
        adopt: () => Promise.reject(new Error("asked")),
        has: () => Promise.reject(new Error("asked")),
        import: () => Promise.reject(new Error("stored")),
      },
      account: "a",
      holder: null!,
      log: () => {},
    });
    assertEquals([report.imported, report.problem], [0, problem]);
  }
});

Deno.test("an impossible price or time does not reject a run", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const odd = [
      { price_usd: 1e308 },
      { price_usd: 1e16 },
      { price_usd: -1 },
      { price_usd: 9999.999999 },
      { created_ms: 253_402_300_799_999, ended_ms: 253_402_300_799_999 },
      { created_ms: -62_135_596_800_000, ended_ms: 253_402_300_799_999, price_usd: 1 },
      { created_ms: 5, ended_ms: 1 },
    ].map((run, n) => ({ ...run, run_id: `trun_odd${n}` }));
    const file = fileOf(...odd, { run_id: "trun_last" });
    const response = await send(browser, file);
    assertStrictEquals(response.status, 200);
    assertMatch(await response.text(), /8 imported/);
    for (const path of ["/tasks", "/tasks?q=x", "/tasks/export?format=csv", "/tasks/export"]) {
      const page = await browser.fetch(path);
      assertStrictEquals(page.status, 200, path);
      await page.text();
    }
    for (const { run_id } of odd) {
      for (const part of ["", "/result.json", "/report.md", "/table.csv", "/trace.ndjson"]) {
        const page = await browser.fetch(`/tasks/${run_id}${part}`);
        assert(page.status < 500, run_id + part);
        await page.body?.cancel();
      }
    }
  }));

Deno.test("a run that cannot be stored does not block the others", async () => {
  const stored: string[] = [];
  const lines: string[] = [];
  const report = await importHistory(
    new Response(fileOf({ run_id: "trun_1" }, { run_id: "trun_2" }, { run_id: "trun_3" })).body!,
    {
      account: "a",
      holder: null!,
      log: (_level, message) => lines.push(message),
      runs: {
        adopt: () => Promise.reject(),
        has: () => Promise.reject(),
        import: (_account, { run }) => {
          if (run.run_id === "trun_2") {
            return Promise.reject(new TypeError("too much for the store"));
          }
          stored.push(run.run_id);
          return Promise.resolve("imported");
        },
      },
    },
  );
  assertEquals(stored, ["trun_1", "trun_3"]);
  assertEquals([report.imported, report.wrongCount, report.problem], [2, 1, null]);
  assertMatch(report.wrong[0]?.why ?? "", /could not be stored/);
  assertEquals(lines, ["a run could not be imported"]);
});

Deno.test("an import says which runs are older than the account keeps them", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const created_ms = Date.now();
    const file = fileOf({ run_id: "trun_old" }, {
      run_id: "trun_new",
      created_ms,
      ended_ms: created_ms,
    });
    const response = await browser.fetch("/tasks/transfer", {
      method: "POST",
      body: file,
      headers: { "content-type": "application/x-ndjson" },
    });
    assertMatch(
      await response.text(),
      /2 imported.*1 of them is older than this account keeps runs, and is removed in a few minutes/s,
    );
    await app.services.sweep();
    assertStrictEquals((await browser.fetch("/tasks/trun_old")).status, 404);
    assertStrictEquals((await browser.fetch("/tasks/trun_new")).status, 200);
  }));

Deno.test("citations and tool calls in an unexpected format are shown as far as possible", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const odd = [null, 1, {}, [], "x", [null, 1, "kept"], { text: "y" }];
    const citations = odd.map((part, n) => (
      { url: `https://page-${n}.example/`, title: part, excerpts: part }
    ));
    const calls = odd.map((part) => ({
      tool_call_id: part,
      server_name: part,
      tool_name: part,
      arguments: part,
      content: part,
      error: part,
    }));
    const basis = [{ field: "output", reasoning: "", citations: [...citations, ...odd] }, ...odd];
    const output = { type: "text", content: "See [1].", basis, mcp_tool_calls: [...calls, ...odd] };
    const wrong = { type: "text", content: "See.", basis: {}, mcp_tool_calls: { a: 1 } };
    const file = fileOf({ output }, { run_id: "trun_b", output: wrong });
    assertMatch(await (await send(browser, file)).text(), /2 imported/);
    for (const run of ["trun_a", "trun_b"]) {
      for (const part of ["", "/result.json", "/report.md", "/table.csv", "/trace.ndjson"]) {
        const page = await browser.fetch(`/tasks/${run}${part}`);
        assertStrictEquals(page.status, 200, run + part);
        await page.body?.cancel();
      }
    }
    const page = await browser.text("/tasks/trun_a");
    assertMatch(page, /page-5\.example/);
    assertMatch(page, /kept/);
    // What came is kept as it came.
    assertMatch(await browser.text("/tasks/export"), /"title":\[null,1,"kept"\]/);
  }));

Deno.test("API names too long for a key do not block a file", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const long = "x".repeat(3_000);
    const says = (status: string) => {
      const event = { type: "task_run.state", run: { status, is_active: false } };
      return [{ id: 1, received_ms: null, type: event.type, data: JSON.stringify(event) }];
    };
    const statuses = [long, "\0".repeat(1_000), "€".repeat(1_000), "\ud800", ""];
    const file = fileOf(
      ...statuses.map((status, n) => ({ run_id: `trun_${n}`, events: says(status) })),
      { run_id: "trun_last" },
    );
    const response = await send(browser, file);
    assertStrictEquals(response.status, 200);
    assertMatch(await response.text(), /6 imported/);
    // What is exported can be imported again.
    const exported = await browser.text("/tasks/export");
    await withApp(async (other) => {
      const again = await send(await other.browser().enterSandbox(), exported);
      assertMatch(await again.text(), /6 imported/);
    });
    // They are listed, and leave nothing when they are deleted.
    for (const n of statuses.keys()) {
      assertMatch(await browser.text("/tasks"), new RegExp(`trun_${n}\\b`));
      await (await browser.post(`/tasks/trun_${n}/delete`, {})).body?.cancel();
      assertNotMatch(await browser.text("/tasks"), new RegExp(`"/tasks/trun_${n}"`));
    }
    const task = {
      run_id: "trun_c",
      input: "x",
      processor: "lite",
      status: "completed",
      created_at: "2026-01-01T00:00:00Z",
    };
    const tasks = [
      { ...task, run_id: "trun_c1", processor: long },
      { ...task, run_id: "trun_c2", status: long },
      { ...task, run_id: "trun_c3", processor: "" },
      { ...task, run_id: "trun_c4", interaction_id: long.repeat(30) },
      task,
    ];
    const cookbook = await send(browser, JSON.stringify(tasks));
    assertStrictEquals(cookbook.status, 200);
    assertMatch(await cookbook.text(), /3 imported[^]*2 could not be read/);
    // What a file says of itself is not repeated without a bound.
    const head = JSON.stringify({ taskstream: "history", version: long.repeat(1_000) });
    assert((await (await send(browser, head)).text()).length < 100_000);
  }));

Deno.test("an unknown time stays unknown when imported and exported", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const data = JSON.stringify({ type: "task_run.progress_msg.plan", message: "Look" });
    const event = { id: 1, received_ms: null, type: "task_run.progress_msg.plan", data };
    await (await send(browser, fileOf({ ended_ms: null, events: [event] }))).body?.cancel();
    const { events } = await (await browser.fetch("/tasks/trun_a/result.json")).json();
    assertEquals(events.map((each: { received_ms: unknown }) => each.received_ms), [null, null]);
    assertMatch(await browser.text("/tasks/trun_a/trace.ndjson"), /^{"id":1,"received_ms":null,/);
  }));

for (
  const events of [undefined, null, [], [{ id: 1, type: "task_run.progress_msg.plan", data: "{}" }]]
) {
  Deno.test(`a completed run with ${JSON.stringify(events)} for events is completed on every page`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const output = { type: "text", content: "The answer", basis: [] };
      assertMatch(await (await send(browser, fileOf({ output, events }))).text(), /1 imported/);
      const { run, output: kept } = await (await browser.fetch("/tasks/trun_a/result.json")).json();
      assertEquals([run.status, kept.content], ["completed", "The answer"]);
      assertNotMatch(await browser.text("/tasks"), /data-status="queued"/);
      assertMatch(await browser.text("/tasks/trun_a"), /<title>done/);
      assertMatch(await browser.text("/tasks?status=completed"), /trun_a/);
      const last = (await browser.events("trun_a")).at(-1);
      assertStrictEquals(last?.event, "task_run.state");
      assertMatch(last?.data ?? "", /The answer/);
    }));
}

Deno.test("two exports in one file are both imported, and a truncated one is reported", async () => {
  const one = fileOf({ run_id: "trun_1" }, { run_id: "trun_2" });
  const two = fileOf({ run_id: "trun_3" });
  const cut = one.slice(0, one.lastIndexOf("\n"));
  const problemOf = async (text: string) => {
    const report = await importHistory(new Response(text).body!, {
      account: "a",
      holder: null!,
      log: () => {},
      runs: {
        adopt: () => Promise.reject(),
        has: () => Promise.reject(),
        import: () => Promise.resolve("imported"),
      },
    });
    assertStrictEquals(report.imported, 3);
    return report.problem;
  };
  assertStrictEquals(await problemOf(`${one}\n${two}\n`), null);
  assertStrictEquals(await problemOf(`${two}\n\n${one}`), null);
  assertMatch(await problemOf(`${cut}\n${two}`) ?? "", /incomplete/);
  assertMatch(await problemOf(`${two}\n${cut}`) ?? "", /incomplete/);
  // Lines of another version may mean something else.
  const newer = one.replace(/"version":\d+/, '"version":99');
  const other = await problemOf(`${one}\n${two}\n${newer}`);
  assertMatch(other ?? "", /^Line \d: it was written by another version.*before was imported\.$/);
});

Deno.test("runs from before 1970 are listed, found, paged and filtered", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runs = Array.from({ length: 60 }, (_, n) => ({
      run_id: `trun_old${n}`,
      created_ms: Date.UTC(1960, 0, 1) + n,
      ended_ms: Date.UTC(1960, 0, 2),
      input: { input: "Sputnik", processor: "lite" },
    }));
    assertMatch(await (await send(browser, fileOf(...runs))).text(), /60 imported/);
    await app.services.histories.indexer.settled();
    for (const query of ["", "?q=sputnik", "?status=completed", "?from=1959-12-31&to=1960-01-02"]) {
      const found: (string | undefined)[] = [];
      for (let path: string | undefined = `/tasks${query}`; path !== undefined;) {
        const page = await browser.text(path);
        found.push(
          ...[...page.matchAll(/href="\/tasks\/(trun_old\d+)"/g)].map((match) => match[1]),
        );
        path = /<a[^>]*rel="next"[^>]*>/.exec(page)?.[0].match(/href="([^"]+)"/)?.[1]
          ?.replaceAll("&amp;", "&");
      }
      assertEquals(found, runs.map(({ run_id }) => run_id).reverse(), query);
    }
  }));

Deno.test("a form's file and text are both imported", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const id = await browser.createTask();
    await browser.events(id);
    const file = (await browser.text("/tasks/export")).replaceAll(id, "trun_copied");
    const post = (form: FormData) =>
      browser.fetch("/tasks/transfer", { method: "POST", body: form });
    const withFile = new FormData();
    withFile.set("file", new File([file], "history.ndjson"));
    withFile.set("text", "");
    assertMatch(await (await post(withFile)).text(), /1 imported/);
    const withText = new FormData();
    withText.set("file", new File([], ""));
    withText.set("text", file.replaceAll("trun_copied", "trun_pasted"));
    assertMatch(await (await post(withText)).text(), /1 imported/);
    const empty = new FormData();
    empty.set("file", new File([], ""));
    empty.set("text", "");
    assertMatch(await (await post(empty)).text(), /The file is empty/);
  }));

Deno.test("the cookbook's finished tasks are imported, active ones are not", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const task = (run_id: string, status: string) => ({
      run_id,
      interaction_id: run_id,
      status,
      is_active: status === "running",
      processor: "pro",
      created_at: "2026-05-01T10:00:00Z",
      modified_at: "2026-05-01T10:05:00Z",
      warnings: null,
      error: null,
      metadata: {},
      input: "What are the latest developments?",
      outputType: "text",
      events: [],
    });
    const tasks = [task("trun_cook1", "completed"), task("trun_cook2", "running"), { run_id: "x" }];
    const response = await send(browser, JSON.stringify(tasks, null, 2));
    const page = await response.text();
    assertMatch(page, /1 imported/);
    assertMatch(page, /1 was still active[\s\S]*1 could not be read/);
    const { run, input } = await (await browser.fetch("/tasks/trun_cook1/result.json")).json();
    assertEquals([run.status, run.source, run.processor], ["completed", "import", "pro"]);
    assertStrictEquals(input.input, "What are the latest developments?");
    assertMatch(await browser.text("/tasks"), /5 min 0 s/);
    assertStrictEquals(
      atOnce(readingCookbookTask({ ...task("a", "completed"), created_at: "?" })).ok,
      false,
    );
  }));

Deno.test("selected tasks are exported as one file of each kind", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const other = await app.browser().enterSandbox();
    const foreign = await other.createTask({ input: "Not yours" });
    const ids: string[] = [];
    for (const input of ["=one", "two"]) {
      const id = await browser.createTask({ input });
      await browser.events(id);
      ids.push(id);
    }
    const take = (action: string) => {
      const body = new URLSearchParams([...ids, foreign].map((id) => ["id", id]));
      body.set("action", action);
      return browser.fetch("/tasks/selected", { method: "POST", body });
    };
    const lines = (await (await take("ndjson")).text()).trimEnd().split("\n");
    assertEquals(lines.map((line) => readLine(line).kind), ["head", "run", "run", "end"]);
    const csv = await (await take("csv")).text();
    assertStrictEquals(csv.split("\r\n").length, 4);
    assertMatch(csv, /'=one/);
    const zip = unzipSync(new Uint8Array(await (await take("zip")).arrayBuffer()));
    const names = Object.keys(zip);
    for (const id of ids) {
      for (const name of ["report.md", "result.json", "table.csv", "trace.ndjson"]) {
        assert(names.some((path) => path.includes(id) && path.endsWith(name)), `${id} ${name}`);
      }
    }
    assertNotMatch([lines.join(), csv, names.join()].join(), new RegExp(foreign));
  }));

Deno.test("an import that dies at any point is finished by the next one", async () => {
  const { dyingAt } = await import("../runs/store_tools.ts");
  const { Committer } = await import("../../lib/store/committer.ts");
  const { importRun } = await import("../../lib/runs/life/import.ts");
  const { readHistory } = await import("../../lib/runs/history/mod.ts");
  const read = atOnce(readingCookbookTask({
    run_id: "trun_x",
    status: "completed",
    processor: "lite",
    input: "?",
    created_at: "2026-05-01T10:00:00Z",
    modified_at: "2026-05-01T10:05:00Z",
  }));
  assert(read.ok && read.run !== null);
  const imported = { ...read.run, output_text: '{"type":"text","content":"x","basis":[]}' };
  for (let dieAt = 1; dieAt <= 4; dieAt++) {
    using kv = await Deno.openKv(":memory:");
    const dying = dyingAt(kv, dieAt);
    await assertRejects(() =>
      importRun({ kv, committer: new Committer(dying.kv), now: () => 0 }, "a", imported)
    );
    // The lease of the one that died has run out.
    const context = { kv, committer: new Committer(kv), now: () => 20_000 };
    assertStrictEquals(await importRun(context, "a", imported), "imported");
    assertStrictEquals(await importRun(context, "a", imported), "known");
    assertStrictEquals((await readHistory(kv, "a", {})).runs.length, 1);
  }
});

Deno.test("an archive that is too large to open is not completed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const { body } = await browser.fetch("/tasks/export?format=zip");
    assertEquals(unzipSync(new Uint8Array(await new Response(body).arrayBuffer())), {});
    const id = await browser.createTask();
    await browser.events(id);
    const [line] = await Array.fromAsync(app.services.kv.list({ prefix: ["history"] }));
    const account = String(line?.key[1]);
    const write = (limits: ZipLimits) =>
      Array.fromAsync(runsZip(
        everyRun(app.services, {
          account,
          download: { taken: () => Promise.resolve() },
        }),
        limits,
      ));
    const files = EXPORT_FORMATS.length;
    const chunks = await write({ files, bytes: 1_000_000 });
    const zip = unzipSync(new Uint8Array(await new Blob(chunks).arrayBuffer()));
    assertStrictEquals(Object.keys(zip).length, files);
    await assertRejects(() => write({ files: files - 1, bytes: 1_000_000 }), ZipLimitError);
    await assertRejects(() => write({ files, bytes: 1_000 }), ZipLimitError);
    await app.services.kv.set(["spend", account, 0, "runs", "lite"], new Deno.KvU64(20_000n));
    const refused = await browser.fetch("/tasks/export?format=zip");
    assertStrictEquals(refused.status, 413);
    assert((await refused.text()).includes(`A ZIP has room for ${count(MAX_ZIPPED_RUNS)} tasks`));
  }));
