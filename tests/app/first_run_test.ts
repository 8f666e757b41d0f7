/** Help for new users: each empty page and the first result suggest one next step. */
import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { draftOf, fieldsIn } from "../batches/pages_tools.ts";
import { withApp } from "./test_app.ts";

/** The main buttons of a page's content: their text and address. */
function mainButtons(html: string): string[] {
  const main = html.slice(html.indexOf("<main"));
  return [
    ...main.matchAll(/<(?:a|button) ([^>]*class="button go[^>]*)>([\s\S]*?)<\/(?:a|button)>/g),
  ]
    .map(([, attributes = "", inside = ""]) => {
      const text = inside.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
      return `${text} ${/href="([^"]*)"/.exec(attributes)?.[1] ?? ""}`.trim();
    });
}

const EMPTY: readonly (readonly [path: string, says: RegExp, next: string])[] = [
  ["/tasks", /No tasks yet\./, "Ask the first question /"],
  ["/tasks?kind=batch", /No batches yet\./, "Upload a table /batches/new"],
  ["/schedules", /No schedules yet\./, "Choose a task /tasks"],
  ["/watches", /No watches yet\./, "Choose a task /tasks?status=completed"],
  ["/compare", /Nothing to compare yet\./, "Choose tasks /tasks"],
  ["/batches/new", /Upload or paste a table\./, "Read the table"],
];

for (const [path, says, next] of EMPTY) {
  Deno.test(`an empty page says what to do next: ${path}`, () =>
    withApp(async (app) => {
      const html = await (await app.browser().enterSandbox()).text(path);
      assertMatch(html, says);
      assertStrictEquals(mainButtons(html).join("; "), next);
      // Keys that move through lines are of no use without lines.
      assertNotMatch(html, /j k move/);
    }));
}

Deno.test("a new batch can be tried with an example table with two empty columns", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const example = "/batches/new?example=1";
    assertMatch(await browser.text("/batches/new"), /href="\/batches\/new\?example=1"/);
    const [, table = ""] = /<textarea[^>]*name="table"[^>]*>\n?([\s\S]*?)<\/textarea>/
      .exec(await browser.text(example)) ?? [];
    const { html } = await draftOf(browser, table.replaceAll("&amp;", "&"));
    assertMatch(html, /5 rows, 4 columns/);
    const { json_schema = "" } = fieldsIn(html);
    assertEquals(Object.keys(JSON.parse(json_schema).properties), ["founded", "employees"]);
  }));

Deno.test("the first result suggests a next step to its owner until there is a second run", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const id = await browser.createTask();
    await browser.events(id);
    assertMatch(
      await browser.text(`/tasks/${id}`),
      /<p[^>]*id="first-result"[^>]*>.*Press a number/s,
    );
    await browser.post(`/tasks/${id}/share`, {});
    const [link = ""] = /\/s\/[\w-]{43}/.exec(await browser.text(`/tasks/${id}`)) ?? [];
    assertNotMatch(await browser.text(link), /first-result/);
    const other = await browser.createTask();
    await browser.events(other);
    for (const run of [id, other]) {
      assertNotMatch(await browser.text(`/tasks/${run}`), /first-result/);
    }
  }));
