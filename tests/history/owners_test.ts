/**
 * No account sees another's data: another account requests the first account's runs on every route found in
 * the folder.
 */
import { assert, assertStrictEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { type TestBrowser, withApp } from "../app/test_app.ts";

const ROUTES = join(import.meta.dirname!, "..", "..", "routes");
/** Stands in everything of the first account that a page could show. */
const MARK = "only-the-owner-reads-this";

async function routeFiles(folder = ROUTES): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (/^[_(]/.test(name)) continue;
    const path = join(folder, name);
    if (isDirectory) files.push(...await routeFiles(path));
    else files.push(relative(ROUTES, path).replace(/\.tsx?$/, ""));
  }
  return files.toSorted();
}

/** The path of a route, its parameters filled with what belongs to the first account. */
function pathOf(route: string, runId: string): string {
  return `/${route}`
    .replace(/\/index$/, "/")
    .replace("[...path]", `v1/tasks/runs/${runId}`)
    .replace("[id]", runId)
    .replace("[action]", "pause")
    .replace("[token]", "no-token-of-anybody-000000000000000000000000")
    .replace(/(.)\/$/, "$1");
}

/** Every way in which a query or a form may name the first account's run. */
function queriesOf(runId: string): string[] {
  return [
    "",
    `?ids=${runId},${runId}2&id=${runId}&deleted=${runId}&edit=${runId}`,
    `?follow=${runId}&q=only+the+own&last_event_id=0&cursor=older.9999999999999.${runId}`,
  ];
}

async function snapshot(browser: TestBrowser, runId: string): Promise<string> {
  const { run, input, share } = await (await browser.fetch(`/tasks/${runId}/result.json`)).json();
  const list = await browser.text("/tasks");
  const rows = [...list.matchAll(/class="row-link"/g)].length;
  return JSON.stringify([run.status, run.title, input, share, rows, /of \$(\S+)/.exec(list)?.[1]]);
}

/** As much of an answer as comes at once: streams go on. */
async function beginningOf(response: Response): Promise<string> {
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    return await response.text();
  }
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

Deno.test("no route shows, changes or deletes another account's data", () =>
  withApp(async (app) => {
    const owner = await app.browser().enterSandbox();
    const other = await app.browser().enterSandbox();
    const runId = await owner.createTask({ input: MARK, metadata: `{"team":"${MARK}"}` });
    await owner.events(runId);
    await owner.post(`/tasks/${runId}/share`, {});
    await owner.post("/tasks/budget", { budget_usd: "12.34" });
    await app.services.histories.indexer.settled();
    assert((await owner.text("/tasks?q=only+the+own")).includes(MARK), "a search does find it");
    const before = await snapshot(owner, runId);
    const routes = await routeFiles();
    assert(routes.length > 20, routes.join(" "));
    for (const route of routes) {
      const path = pathOf(route, runId);
      for (const query of queriesOf(runId)) {
        const get = await other.fetch(path + query);
        const text = await beginningOf(get);
        // The search field shows what was searched for.
        assert(
          !text.replaceAll(`value="${MARK}"`, "").replace(/“[^”]*”/g, "")
            .replace(/q=[^"&]*/g, "").includes(MARK),
          `GET ${path}${query}`,
        );
        const isHis = route.includes("[id]") || route.includes("[...path]");
        // A form's URL redirects to its page, which belongs to the other account too.
        const leads = get.status === 303 && get.headers.get("location") === dirname(path);
        if (isHis && !leads) assert([404, 405].includes(get.status), `GET ${path}: ${get.status}`);
      }
      // Signing out, and who one is, is the other's own matter.
      if (/^(?:auth|theme|account)/.test(route)) continue;
      for (const action of ["delete", "undelete", "ndjson", "csv", "zip", "compare"]) {
        const body = new URLSearchParams({ id: runId, ids: runId, run_id: runId, action });
        const post = await other.fetch(path, { method: "POST", body });
        const text = await beginningOf(post);
        assert(!text.includes(MARK), `POST ${path} ${action}`);
        if (route.includes("[id]")) {
          assert([404, 405].includes(post.status), `POST ${path}: ${post.status}`);
        }
      }
    }
    assertStrictEquals(await snapshot(owner, runId), before);
    assertStrictEquals((await other.text("/tasks")).includes(runId), false);
  }));

Deno.test("a visitor gets no further than the front page on any route", () =>
  withApp(async (app) => {
    const owner = await app.browser().enterSandbox();
    const runId = await owner.createTask({ input: MARK });
    await owner.events(runId);
    for (const route of await routeFiles()) {
      for (const query of queriesOf(runId)) {
        const response = await app.browser().fetch(pathOf(route, runId) + query);
        const text = await beginningOf(response);
        assert(!text.includes(MARK), `${route}${query}`);
      }
    }
  }));
