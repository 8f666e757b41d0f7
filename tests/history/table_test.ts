/** Runs as a table: one row per run, one column per field of their results. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const FIELDS = {
  legal_name: { type: "string", description: "Registered name" },
  employees: { type: "integer", description: "Employees" },
  founded: { type: "integer", description: "Year of founding" },
};
const OTHER_FIELDS = { capital: { type: "string", description: "Capital city" } };

/** Creates a task that asks for fields, and waits for its result. */
async function answered(
  app: TestApp,
  browser: TestBrowser,
  input: string,
  properties: Readonly<Record<string, unknown>> = FIELDS,
): Promise<string> {
  const schema = {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
  const id = await browser.createTask({
    input,
    output_type: "json",
    json_schema: JSON.stringify(schema),
  });
  await browser.events(id);
  await app.services.histories.indexer.settled();
  return id;
}

const textOf = (html: string) =>
  html.replace(/<[^>]+>/g, " ").replace(/&amp;/g, "&").replace(/\s+/g, " ").trim();

/** The headings and the rows of the page's table, as texts. */
function tableIn(html: string) {
  const table = /<table class="grid-table cards">([\s\S]*?)<\/table>/.exec(html)?.[1] ?? "";
  const cells = (row: string) =>
    [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = ""]) => textOf(cell));
  const [head = [], ...rows] = [...table.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)]
    .map(([, row = ""]) => cells(row));
  return { head, rows };
}

/** The address behind a link with a text; `null` if there is no such link. */
function linkTo(html: string, text: string): string | null {
  const link = [...html.matchAll(/<a ([^>]*)>([\s\S]*?)<\/a>/g)]
    .find(([, , inside = ""]) => textOf(inside) === text);
  return /href="([^"]*)"/.exec(link?.[1] ?? "")?.[1]?.replaceAll("&amp;", "&") ?? null;
}

Deno.test("a list of runs with the same fields links to their table", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const first = await answered(app, browser, "Aalto Pay");
    assertStrictEquals(linkTo(await browser.text("/tasks"), "As a table"), null);
    const second = await answered(app, browser, "Bergen Clearing");
    await answered(app, browser, "Slovenia", OTHER_FIELDS);
    const href = linkTo(await browser.text("/tasks"), "As a table");
    // Bookmarks and stored terms have this name of the three fields.
    assertStrictEquals(href, "/tasks?schema=793a6977eb06ab62&view=table");

    const html = await browser.text(href!);
    const { head, rows } = tableIn(html);
    // The fields stand in the schema's order, under their labels.
    assertEquals(head, [
      "Task",
      "Legal name",
      "Employees",
      "Founded",
      "Status",
      "Processor",
      "Time",
      "Cost",
    ]);
    assertEquals(rows.map(([title]) => title), ["Bergen Clearing", "Aalto Pay"]);
    for (const [at, id] of [second, first].entries()) {
      const { output } = await (await browser.fetch(`/tasks/${id}/result.json`)).json();
      const { legal_name, employees, founded } = output.content;
      // As on the result's page: counts are grouped, years are not.
      const shown = [legal_name, employees.toLocaleString("en-US"), String(founded)];
      assertEquals(rows[at]?.slice(1, 4), shown);
      assertEquals(rows[at]?.slice(4, 6), ["done", "lite"]);
      assertMatch(html, new RegExp(`href="/tasks/${id}"`));
    }
    assertMatch(html, /aria-label="(?:high|medium|low) confidence"/);
    assertMatch(textOf(html), /2 runs, 3 fields\./);
    assertMatch(textOf(html), /Only runs that ask for the same fields\./);
    // The way back keeps the filter, and the other filters keep the table.
    assertStrictEquals(linkTo(html, "Show as a list"), href!.replace("&view=table", ""));
    assertMatch(html, /<input type="hidden" name="view" value="table"/);
  }));

Deno.test("ticked runs become a table, with one schema or several", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const aalto = await answered(app, browser, "Aalto Pay");
    const bergen = await answered(app, browser, "Bergen Clearing");
    const slovenia = await answered(app, browser, "Slovenia", OTHER_FIELDS);
    const table = async (ids: readonly string[]) => {
      const body = new URLSearchParams(ids.map((id) => ["id", id]));
      body.set("action", "table");
      const response = await browser.fetch("/tasks/selected", { method: "POST", body });
      assertStrictEquals(response.status, 303);
      await response.body?.cancel();
      return await browser.text(response.headers.get("location") ?? "");
    };
    const same = await table([aalto, bergen]);
    assertEquals(tableIn(same).rows.map(([title]) => title), ["Aalto Pay", "Bergen Clearing"]);
    // Others that ask for the same are one press away.
    const all = linkTo(same, "All runs that ask for these fields");
    assertStrictEquals(tableIn(await browser.text(all ?? "")).rows.length, 2);

    const mixed = await table([aalto, slovenia]);
    assertEquals(tableIn(mixed).head.slice(0, 5), [
      "Task",
      "Legal name",
      "Employees",
      "Founded",
      "Capital",
    ]);
    const [first, second] = tableIn(mixed).rows;
    assertStrictEquals(first?.[4], "–");
    assertEquals(second?.slice(1, 4), ["–", "–", "–"]);
    assertStrictEquals(linkTo(mixed, "All runs that ask for these fields"), null);
    assertStrictEquals(linkTo(mixed, "Back to the list"), "/tasks");
  }));

Deno.test("a table omits unknown and other accounts' runs, and leaves cells without a result empty", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const other = await app.browser().enterSandbox();
    const own = await answered(app, browser, "Aalto Pay");
    const foreign = await answered(app, other, "Bergen Clearing");
    const live = await browser.createTask({
      input: "Cardamom",
      metadata: '{"sandbox_seconds": 86400}',
    });
    const ids = [foreign, "trun_unknown", own, live].join(",");
    const { head, rows } = tableIn(await browser.text(`/tasks?view=table&ids=${ids}`));
    assertEquals(rows.map(([title]) => title), ["Aalto Pay", "Cardamom"]);
    assertEquals(rows[1]?.slice(1, head.indexOf("Status")), ["", "", ""]);
    assertMatch(rows[1]?.[head.indexOf("Status")] ?? "", /queued|running/);
  }, { config: { sandboxSpeed: 100 } }));

Deno.test("an empty table shows the same message as an empty list", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const html = await browser.text("/tasks?view=table");
    assertMatch(textOf(html), /No tasks yet\./);
    assertNotMatch(textOf(html), /0 fields/);
    assert(!html.includes('<table class="grid-table'));
  }));
