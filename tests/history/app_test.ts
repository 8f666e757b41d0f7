import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { parseSSE } from "../../lib/sse/mod.ts";

/** A browser with ended runs, the oldest first. */
async function withRuns(app: TestApp, inputs: readonly string[]) {
  const browser = await app.browser().enterSandbox();
  const ids: string[] = [];
  for (const input of inputs) {
    const id = await browser.createTask({ input });
    await browser.events(id);
    ids.push(id);
  }
  await app.services.histories.indexer.settled();
  return { browser, ids };
}

/** The runs that a page lists, in order. */
const listed = (html: string) =>
  [...html.matchAll(
    /class="row-link"[^>]*href="\/tasks\/([\w-]+)"|href="\/tasks\/([\w-]+)" class="row-link"/g,
  )]
    .map(([, one, two]) => one ?? two);

const selected = (browser: TestBrowser, action: string, ids: readonly string[], list = "") => {
  const body = new URLSearchParams(ids.map((id) => ["id", id]));
  body.set("action", action);
  body.set("list", list);
  return browser.fetch("/tasks/selected", { method: "POST", body });
};

Deno.test("the URL filters and searches the list, and matches are marked", () =>
  withApp(async (app) => {
    const { browser, ids } = await withRuns(app, ["Rivers of France", "Mountains of Peru"]);
    const [rivers, peru] = ids;
    const list = await browser.text("/tasks");
    assertEquals(listed(list), [peru, rivers]);
    assertMatch(list, /<title[^>]*>Tasks · Taskstream<\/title>.*<\/head>/s);
    assertEquals(listed(await browser.text("/tasks?status=failed")), []);
    assertEquals(listed(await browser.text("/tasks?status=completed&processor=lite")), [
      peru,
      rivers,
    ]);
    const found = await browser.text("/tasks?q=mount+PER");
    assertEquals(listed(found), [peru]);
    assertMatch(found, /<mark[^>]*>Mount<\/mark>/);
    assertMatch(await browser.text("/tasks?q=absent"), /No task matches “absent”\./);
    for (const path of ["/tasks", "/tasks?q=absent"]) {
      assertMatch(
        await browser.text(path),
        /first 4,000 characters of the input, 1,000 of the metadata and 12,000 of the result/,
      );
    }
    const long = `mountains ${"x".repeat(2000)}`;
    assertMatch(await browser.text(`/tasks?q=${long}`), /Only the first 2,000 characters/);
  }));

Deno.test("a run's result is searchable as soon as it ends", () =>
  withApp(async (app) => {
    const { browser, ids } = await withRuns(app, ["Which mountain is highest?"]);
    const response = await browser.fetch(`/tasks/${ids[0]}/result.json`);
    const { output } = await response.json();
    const text = typeof output.content === "string"
      ? output.content
      : JSON.stringify(output.content);
    const word = /[A-Za-z]{9,}/.exec(text)![0];
    assertEquals(listed(await browser.text(`/tasks?q=${word}`)), ids);
  }));

Deno.test("many tasks can be deleted at once and restored with one click", () =>
  withApp(async (app) => {
    const { browser, ids } = await withRuns(app, ["one", "two", "three"]);
    const response = await selected(browser, "delete", ids.slice(0, 2));
    assertStrictEquals(response.status, 303);
    const location = response.headers.get("location")!;
    const page = await browser.text(location);
    assertEquals(listed(page), [ids[2]]);
    assertMatch(page, /Deleted 2 tasks[\s\S]*value="undelete"/);
    assertStrictEquals((await selected(browser, "undelete", ids.slice(0, 2))).status, 303);
    assertStrictEquals(listed(await browser.text("/tasks")).length, 3);
    const one = await browser.post(`/tasks/${ids[0]}/delete`, {});
    const bar = await browser.text(one.headers.get("location")!);
    assertMatch(bar, new RegExp(`action="/tasks/${ids[0]}/undelete"`));
    assertMatch(bar, /“one”/);
  }));

Deno.test("an impossible action on a selection is explained", () =>
  withApp(async (app) => {
    const { browser, ids } = await withRuns(app, ["one"]);
    for (
      const [action, selection, words] of [
        ["delete", [], "Tick at least one"],
        ["compare", ids, "Tick two to four tasks"],
        ["undelete", [`trun_${"0".repeat(32)}`], "Too late to undo"],
        ["delete", Array.from({ length: 101 }, (_, index) => `id${index}`), "at most 100"],
      ] as const
    ) {
      const response = await selected(browser, action, selection);
      assertStrictEquals(response.status, 303);
      assertMatch(await browser.text(response.headers.get("location")!), new RegExp(words));
    }
    assertStrictEquals((await selected(browser, "explode", ids)).status, 400);
  }));

Deno.test("actions on a selection keep the list's filters", () =>
  withApp(async (app) => {
    const { browser, ids } = await withRuns(app, ["one", "two", "three"]);
    const list = "/tasks?q=o&status=completed&cursor=older.9999999999999.x";
    const page = await browser.text(list);
    assert(page.includes(`name="list" value="${list.replaceAll("&", "&amp;")}"`), page);
    const to = async (action: string, chosen: readonly string[], from = list) =>
      (await selected(browser, action, chosen, from)).headers.get("location") ?? "";
    const kept = `&${list.slice("/tasks?".length)}`;
    assertStrictEquals(await to("delete", []), `/tasks?problem=none${kept}`);
    const compared = await to("compare", [ids[0]!]);
    assertStrictEquals(compared, `/tasks?problem=compare&ticked=${ids[0]}${kept}`);
    const again = await browser.text(compared);
    const checked = [...again.matchAll(/<input [^>]*name="id"[^>]*>/g)]
      .filter(([tag]) => /\bchecked\b/.test(tag));
    assertEquals(checked.map(([tag]) => /value="([^"]*)"/.exec(tag)?.[1]), [ids[0]]);
    const deleted = await to("delete", ids.slice(0, 2));
    assertStrictEquals(deleted, `/tasks?deleted=${ids[0]}%2C${ids[1]}${kept}`);
    assertMatch(
      await browser.text(deleted),
      /Deleted 2 tasks[\s\S]*name="list" value="\/tasks\?q=o/,
    );
    assertStrictEquals(await to("undelete", ids.slice(0, 2)), list);
    for (
      const [from, expected] of [
        ["https://evil.example/x?status=failed", "/tasks?problem=none&status=failed"],
        ["//evil.example", "/tasks?problem=none"],
        ["http://[", "/tasks?problem=none"],
      ] as const
    ) {
      assertStrictEquals(await to("delete", [], from), expected);
    }
  }));

/** Filters that nothing can match, and what is said of them. */
const MISTAKES: readonly [address: string, message: RegExp][] = [
  ["q=%21%3F", /Enter at least one word/],
  ["q=%C2%AD", /Enter at least one word/],
  ["from=2026-02-30", /“2026-02-30” is not a valid date/],
  ["to=tomorrow", /“tomorrow” is not a valid date/],
  ["from=2026-11-02&to=2026-11-01", /before the “From” date/],
  ["from=2999-01-02&to=2999-01-01&q=rivers", /before the “From” date/],
  ["from=2026-11-02&to=2026-11-01&status=completed&cursor=older.9999999999999.z", /“From” date/],
];

Deno.test("an impossible filter says so and lists nothing", () =>
  withApp(async (app) => {
    const { browser } = await withRuns(app, ["Rivers of France"]);
    for (const [address, message] of MISTAKES) {
      const html = await browser.text(`/tasks?${address}`);
      assertMatch(html, message, address);
      assertMatch(html, /aria-invalid="true"/, address);
      assertEquals(listed(html), [], address);
      assertMatch(html, /Fix the filter above/, address);
    }
  }));

Deno.test("a budget is set, shown and removed, and invalid input is reported", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    assertStrictEquals((await browser.post("/tasks/budget", { budget_usd: "12.50" })).status, 303);
    assertMatch(await browser.text("/tasks"), /\$0\.00 of \$12\.50 spent this month/);
    for (const wrong of ["-1", "ten", "1e3", "10000000"]) {
      const response = await browser.post("/tasks/budget", { budget_usd: wrong });
      const page = await browser.text(response.headers.get("location")!.replace(/#.*/, ""));
      assertMatch(page, /A budget is a number of dollars/, wrong);
      assertMatch(page, new RegExp(`value="${wrong}"`));
    }
    const list = "/tasks?status=failed";
    assert((await browser.text(list)).includes(`name="list" value="${list}"`));
    for (
      const [budget_usd, to] of [
        ["much", "/tasks?budget=much&status=failed#budget"],
        ["5", "/tasks?status=failed#budget"],
      ] as const
    ) {
      const { headers } = await browser.post("/tasks/budget", { budget_usd, list });
      assertStrictEquals(headers.get("location"), to);
    }
    await browser.post("/tasks/budget", { budget_usd: "" });
    assertNotMatch(await browser.text("/tasks"), /spent this month/);
  }));

Deno.test("deleting an account leaves nothing in any index, counter or list", () =>
  withApp(async (app) => {
    const { browser } = await withRuns(app, ["one", "two"]);
    const { browser: other } = await withRuns(app, ["another's"]);
    await browser.post("/tasks/budget", { budget_usd: "5" });
    const { kv, histories } = app.services;
    const accounts = async () => {
      const names = ["index", "term", "terms", "text", "unindexed", "spend", "change", "changes"];
      const found = new Set<string>();
      for (const name of [...names, "budget", "history", "member"]) {
        for await (const { key } of kv.list({ prefix: [name] })) found.add(String(key[1]));
      }
      return found.size;
    };
    assertStrictEquals(await accounts(), 2);
    assertStrictEquals((await browser.post("/account/delete", { confirm: "yes" })).status, 303);
    await histories.indexer.settled();
    assertStrictEquals(await accounts(), 1);
    assertStrictEquals(listed(await other.text("/tasks")).length, 1);
  }));

Deno.test("the account's stream reports only its own runs, and resumes", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const other = await app.browser().enterSandbox();
    const response = await browser.fetch("/tasks/events");
    assertStrictEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", /text\/event-stream/);
    await other.createTask({ input: "Not for others" });
    const runId = await browser.createTask({ input: "For me" });
    const kinds: string[] = [], ids: string[] = [];
    for await (const { event, data, id } of parseSSE(response)) {
      assertStrictEquals(JSON.parse(data).run_id, runId);
      kinds.push(event);
      ids.push(id ?? "");
      if (JSON.parse(data).status === "completed") break;
    }
    assertStrictEquals(kinds[0], "created");
    assertStrictEquals(kinds.at(-1), "changed");
    await browser.post(`/tasks/${runId}/delete`, {});
    const resumed = await browser.fetch("/tasks/events", {
      headers: { "last-event-id": ids.at(-1)! },
    });
    for await (const { event, data } of parseSSE(resumed)) {
      assertEquals([event, JSON.parse(data)], ["removed", { run_id: runId }]);
      break;
    }
    assertStrictEquals((await app.browser().fetch("/tasks/events")).status, 401);
  }));

Deno.test("a filter longer than any key of the store matches nothing", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    for (const value of ["a".repeat(3_000), "€".repeat(500), "\0".repeat(500), "😀".repeat(500)]) {
      for (const names of [["status"], ["status", "processor", "output"]]) {
        const query = new URLSearchParams(names.map((name) => [name, value]));
        for (const path of ["/tasks", "/tasks/export"]) {
          const response = await browser.fetch(`${path}?${query}`);
          assertStrictEquals(response.status, 200, `${path} ${names} ${value.slice(0, 2)}`);
          await response.body?.cancel();
        }
      }
    }
  }));
