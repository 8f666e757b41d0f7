/** Agents and task groups that were created elsewhere with the same key. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { addThere, GROUP, inputsOf, KEY, withHouse } from "../batches/adopted_tools.ts";
import { pageWhen } from "../batches/batch_tools.ts";
import type { GroupApi } from "../proxy/group_api.ts";
import { errorJson, runJson } from "../proxy/proxy_app.ts";
import { agentOf } from "./agents.ts";

Deno.test("an agent reads a group that another program made: status, rows, tasks and resource", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, inputsOf(30));
    const agent = await agentOf(app, KEY);
    const before = await agent.call("get_status", { id: GROUP, wait_s: 0 });
    assert(!before.isError, before.text);
    assertEquals([before.data.status, before.data.rows], ["running", 30]);
    assertStrictEquals(before.data.url, `http://localhost:8000/batches/${GROUP}`);
    api.endFirst(1, "failed");
    api.endAll();
    await pageWhen(app, owner, GROUP, ({ view }) => view.state === "done");
    const over = await agent.call("get_status", { id: GROUP });
    assertEquals([over.data.status, over.data.is_over, over.data.progress], ["done", true, 100]);
    const first = await agent.call("get_result", { id: GROUP });
    assertEquals([first.data.page, first.data.pages], [1, 2]);
    const lines = String(first.data.markdown).split("\n");
    assertMatch(lines[0]!, /^\| company \| zip \| output \| status \|/);
    assertStrictEquals(lines.length, 27);
    const json = await agent.call("get_result", { id: GROUP, page: 2, format: "json" });
    const rows = String(json.data.json).trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([rows.length, rows[4].company, rows[4].zip], [5, "Acme 30", "029"]);
    const report = await agent.call("get_result", { id: rows[4].run_id });
    assertMatch(report.text, /About .*Acme 30/);
    // Runs are indexed once nothing has changed for a moment.
    const isFound = async () => {
      const { data } = await agent.call("search_tasks", { query: "Acme 17" });
      return (data.tasks as { title: string }[]).some(({ title }) => title.includes("Acme 17"));
    };
    while (!await isFound());
    const page = await agent.read(`batch://${GROUP}`);
    assert(page.includes("Acme 1") && page.includes("Call get_result for the others"), page);
    assert((await agent.resources()).some(({ uri }) => uri === `batch://${GROUP}`));
    assertStrictEquals(api.count(/^POST/), 0);
    await agent.close();
  }));

Deno.test("a row of such a group can run again as a task of its own, with its own request", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    const source_policy = { include_domains: ["a.example"] };
    await addThere(house, inputsOf(2, 0, { source_policy }));
    const agent = await agentOf(app, KEY);
    await agent.call("get_status", { id: GROUP, wait_s: 0 });
    api.endAll();
    await pageWhen(app, owner, GROUP, ({ view }) => view.state === "done");
    const json = await agent.call("get_result", { id: GROUP, format: "json" });
    const { run_id } = JSON.parse(String(json.data.json).split("\n")[0]!);
    api.instead = (path) => path.endsWith("/tasks/runs") ? Response.json(runJson()) : null;
    const again = await agent.call("rerun_task", { id: run_id, processor: "base" });
    assert(!again.isError, again.text);
    const made = await app.services.runs.request(owner.id, String(again.data.id));
    const { input } = inputsOf(1)[0]!;
    assertEquals(made?.run.input, { input, processor: "base", source_policy });
    // It is no row: the group has not changed.
    assertStrictEquals((await agent.call("get_status", { id: GROUP })).data.rows, 2);
    const { isError, text } = await agent.call("rerun_task", { id: GROUP });
    assert(isError);
    assertMatch(text, /That is a batch/);
    await agent.close();
  }));

const REFUSED:
  readonly (readonly [name: string, prepare: (api: GroupApi) => void, says: RegExp])[] = [
    [
      "that the API does not know",
      (api) => api.instead = () => Response.json(errorJson("TaskGroup not found"), { status: 404 }),
      /no batch with that ID/,
    ],
    ["without runs", () => {}, /has no runs yet/],
    ["that is too large", (api) => void api.add(GROUP, inputsOf(6)), /has 6 runs, .* 5 rows/],
    [
      "that the API does not answer for",
      (api) =>
        api.instead = (path) => path.includes("/groups") ? new Response("", { status: 500 }) : null,
      /did not say/,
    ],
  ];

for (const [name, prepare, says] of REFUSED) {
  Deno.test(`the tools say why they have nothing of a group ${name}`, () =>
    withHouse(async ({ app, api }) => {
      const agent = await agentOf(app, KEY);
      prepare(api);
      for (const tool of ["get_status", "get_result"]) {
        const { isError, text } = await agent.call(tool, { id: GROUP });
        assert(isError);
        assertMatch(text, says);
      }
      await assertRejects(() => agent.read(`batch://${GROUP}`), Error, "");
      await agent.close();
    }, { config: { batchLimits: { rows: 5, bytes: 1_000_000 } } }));
}
