import assert from "node:assert/strict";
import { unzipSync } from "fflate";
import { readLine } from "../../lib/transfer/format.ts";
import { readCookbookTask } from "../../lib/transfer/cookbook.ts";
import { everyRun } from "../../lib/transfer/export.ts";
import { runsZip, ZipLimitError, type ZipLimits } from "../../lib/transfer/runs_zip.ts";
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

Deno.test("another Taskstream takes a history in whole, and a second time changes nothing", () =>
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
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-disposition") ?? "", /taskstream\.ndjson/);
      const file = await response.text();
      assert.equal(file.trimEnd().split("\n").length, 5);
      assert.doesNotMatch(file, /secret-of-mine|sandbox-[a-z0-9]{8}/);

      const into = await second.browser().enterSandbox();
      const report = await send(into, file);
      assert.equal(report.status, 200);
      assert.match(await report.text(), /3 imported/);
      assert.deepEqual(await listed(into), ids);
      for (const id of ids) {
        const of = async (browser: TestBrowser) => {
          const { run, ...rest } = await (await browser.fetch(`/tasks/${id}/result.json`)).json();
          const { source, ...own } = run;
          return { source, own, rest };
        };
        const [before, after] = [await of(from), await of(into)];
        assert.deepEqual([before.source, after.source], ["form", "import"]);
        assert.deepEqual(after.own, before.own);
        assert.deepEqual(after.rest, before.rest);
        assert.deepEqual(await into.events(id), await from.events(id));
      }
      assert.match(await (await send(into, file)).text(), /0 imported[\s\S]*3 were here already/);
      await into.post(`/tasks/${ids[0]}/delete`, {});
      assert.match(await (await send(into, file)).text(), /1 was deleted here before/);
      const stranger = await second.browser().enterSandbox();
      assert.match(await (await send(stranger, file)).text(), /3 have ids that are in use here/);
      assert.deepEqual(await listed(stranger), []);
      await second.services.histories.indexer.settled();
      assert.match(await into.text("/tasks?q=huge"), /Huge/);
    })
  ));

Deno.test("what cannot be read of a file is said line by line, and the rest is taken in", () =>
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
    assert.match(page, /1 imported/);
    assert.match(page, /Line 2: it is no JSON[\s\S]*Line 3: it names no processor/);
    const cut = await send(other, [head, run!.replaceAll(id, "trun_cut")].join("\n"));
    assert.equal(cut.status, 422);
    assert.match(await cut.text(), /cut short[\s\S]*1 imported/);
    for (
      const [text, words] of [
        ["hello", /no history that Taskstream wrote/],
        ["", /The file is empty/],
        [`${JSON.stringify({ taskstream: "history", version: 99 })}\n${end}`, /another version/],
        ["[{", /no JSON/],
      ] as const
    ) {
      const response = await send(other, text);
      assert.match(await response.text(), words, text);
      assert.ok(response.status >= 400, text);
    }
  }));

Deno.test("a form's file is taken in as well as its text", () =>
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
    assert.match(await (await post(withFile)).text(), /1 imported/);
    const withText = new FormData();
    withText.set("file", new File([], ""));
    withText.set("text", file.replaceAll("trun_copied", "trun_pasted"));
    assert.match(await (await post(withText)).text(), /1 imported/);
    const empty = new FormData();
    empty.set("file", new File([], ""));
    empty.set("text", "");
    assert.match(await (await post(empty)).text(), /The file is empty/);
  }));

Deno.test("the cookbook's tasks are taken in with what they have, active ones are not", () =>
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
    assert.match(page, /1 imported/);
    assert.match(page, /1 was not over[\s\S]*1 could not be read/);
    const { run, input } = await (await browser.fetch("/tasks/trun_cook1/result.json")).json();
    assert.deepEqual([run.status, run.source, run.processor], ["completed", "import", "pro"]);
    assert.equal(input.input, "What are the latest developments?");
    assert.match(await browser.text("/tasks"), /5 min 0 s/);
    assert.equal(readCookbookTask({ ...task("a", "completed"), created_at: "?" }).ok, false);
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
    assert.deepEqual(lines.map((line) => readLine(line).kind), ["head", "run", "run", "end"]);
    const csv = await (await take("csv")).text();
    assert.equal(csv.split("\r\n").length, 4);
    assert.match(csv, /'=one/);
    const zip = unzipSync(new Uint8Array(await (await take("zip")).arrayBuffer()));
    const names = Object.keys(zip);
    for (const id of ids) {
      for (const name of ["report.md", "result.json", "table.csv", "trace.ndjson"]) {
        assert.ok(names.some((path) => path.includes(id) && path.endsWith(name)), `${id} ${name}`);
      }
    }
    assert.doesNotMatch([lines.join(), csv, names.join()].join(), new RegExp(foreign));
  }));

Deno.test("an import that dies anywhere is finished by the next one", async () => {
  const { dyingAt } = await import("../runs/store_tools.ts");
  const { Committer } = await import("../../lib/kv/committer.ts");
  const { importRun } = await import("../../lib/runs/import.ts");
  const { readHistory } = await import("../../lib/runs/history.ts");
  const read = readCookbookTask({
    run_id: "trun_x",
    status: "completed",
    processor: "lite",
    input: "?",
    created_at: "2026-05-01T10:00:00Z",
    modified_at: "2026-05-01T10:05:00Z",
  });
  assert.ok(read.ok && read.run !== null);
  const imported = { ...read.run, output_text: '{"type":"text","content":"x","basis":[]}' };
  for (let dieAt = 1; dieAt <= 4; dieAt++) {
    using kv = await Deno.openKv(":memory:");
    const dying = dyingAt(kv, dieAt);
    await assert.rejects(
      importRun({ kv, committer: new Committer(dying.kv), now: () => 0 }, "a", imported),
    );
    const context = { kv, committer: new Committer(kv), now: () => 0 };
    assert.equal(await importRun(context, "a", imported), "imported");
    assert.equal(await importRun(context, "a", imported), "known");
    assert.equal((await readHistory(kv, "a", {})).runs.length, 1);
  }
});

Deno.test("an archive that nobody could open is not written to its end", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const { body } = await browser.fetch("/tasks/export?format=zip");
    assert.deepEqual(unzipSync(new Uint8Array(await new Response(body).arrayBuffer())), {});
    const id = await browser.createTask();
    await browser.events(id);
    const [line] = await Array.fromAsync(app.services.kv.list({ prefix: ["history"] }));
    const account = String(line?.key[1]);
    const write = (limits: ZipLimits) =>
      Array.fromAsync(runsZip(everyRun(app.services, account), limits));
    const chunks = await write({ files: 4, bytes: 1_000_000 });
    const zip = unzipSync(new Uint8Array(await new Blob(chunks).arrayBuffer()));
    assert.equal(Object.keys(zip).length, 4);
    await assert.rejects(write({ files: 3, bytes: 1_000_000 }), ZipLimitError);
    await assert.rejects(write({ files: 4, bytes: 1_000 }), ZipLimitError);
    await app.services.kv.set(["spend", account, 0, "runs", "lite"], new Deno.KvU64(20_000n));
    const refused = await browser.fetch("/tasks/export?format=zip");
    assert.equal(refused.status, 413);
    assert.match(await refused.text(), /A ZIP has room for 16,383 tasks/);
  }));
