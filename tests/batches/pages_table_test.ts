/** The page of a batch: its table, head, actions and size. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { seedOf, viewOf } from "../../components/table/seed.ts";
import { columnWidths } from "../../components/table/Widths.tsx";
import {
  applyBatchEvent,
  emptyBatchView,
  openUsd,
  progressOf,
  rowView,
  TRIAL_DONE,
} from "../../lib/batches/model/mod.ts";
import type { TaskRunOutput } from "../../lib/parallel/mod.ts";
import {
  assertIncludes,
  type BatchApp,
  batchOf,
  NO_RUNS,
  textOf,
  withBatches,
} from "./pages_tools.ts";

const TABLE = "Company,City,Founded,Employees\n" +
  ["Aalto,Espoo", "Bergen,Bergen", "Cardamom,London", "Dukaat,Delft", "Obol,Athens"]
    .map((row) => `${row},,`).join("\n");

const output = (
  founded: number | null,
  employees: number,
  confidence = "high",
): TaskRunOutput => ({
  type: "json",
  content: { founded, employees },
  basis: [
    { field: "founded", reasoning: "Its register says so.", confidence: "high", citations: [] },
    { field: "employees", reasoning: "Its own count.", confidence, citations: [] },
  ],
});

/** A batch of five: two done, one failed, one running, one waiting. */
async function halfDone(app: BatchApp): Promise<string> {
  const id = await batchOf(app, TABLE, { trial: "" });
  const { batches } = app;
  batches.tell(id, "rows", {
    rows: [1, 2, 3, 4].map((row) => ({
      row,
      attempt: 1,
      status: "sent",
      run_id: `trun_${row}`,
    })),
  });
  batches.complete(id, [[1, output(2011, 640)], [3, output(null, 1120, "low")]]);
  batches.tell(id, "rows", {
    rows: [
      { row: 2, attempt: 1, status: "failed", reason: "no page answered" },
      { row: 4, attempt: 1, status: "running" },
    ],
  });
  return id;
}

/** The rows of a page: the texts of their cells. */
function rowsIn(html: string): string[][] {
  return [...html.matchAll(/<tr\s+id="r\d+">([\s\S]*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/<t[dh][^>]*>([\s\S]*?)<\/t[dh]>/g)].map(([, cell = ""]) => textOf(cell))
  );
}

Deno.test("the table shows the uploaded rows, then results with confidence marks, status and cost", () =>
  withBatches(async (app) => {
    const html = await app.browser.text(`/batches/${await halfDone(app)}`);
    assertEquals(rowsIn(html), [
      ["1", "Aalto", "Espoo", "2011", "640", "done", "$0.025"],
      ["2", "Bergen", "Bergen", "", "", "failed no page answered", ""],
      ["3", "Cardamom", "London", "–", "1,120", "done", "$0.025"],
      ["4", "Dukaat", "Delft", "", "", "running", ""],
      ["5", "Obol", "Athens", "", "", "waiting", ""],
    ]);
    assertEquals(html.match(/aria-label="low confidence"/g)?.length, 1);
    assertIncludes(html, 'href="/tasks/trun_2"');
    const text = textOf(html);
    for (
      const part of ["3 of 5", "1 failed", "1 low", "$0.05 of $0.10", "Retry 1 failed", "Pause"]
    ) {
      assertIncludes(text, part);
    }
  }));

Deno.test("of the actions for rows of a batch that is done, only the first has an outline", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    app.batches.tell(id, "rows", {
      rows: [4, 5].map((row) => ({ row, attempt: 1, status: "completed" })),
    });
    app.batches.tell(id, "state", { state: "done", reason: null });
    const html = await app.browser.text(`/batches/${id}`);
    const looks = [...html.matchAll(/<button type="submit" class="([^"]+)"[^>]*>.*?<\/button>/gs)]
      .filter(([button]) => /Retry|Rerun/.test(button)).map(([, look]) => look);
    assertEquals(looks, ["button", "button ghost"]);
  }));

const column = (label: string, isNumber = false) => ({ name: label, label, isNumber });
const tableOf = (texts: readonly string[]) => ({
  columns: {
    inputs: [{ at: 0, name: "Company", label: "Company" }],
    outputs: [column("Founded", true), ...texts.map((text) => column(text))],
  },
  rows: [{
    row: { line: 2, cells: ["Checkout.com"] },
    view: rowView(emptyBatchView("Companies", 1), 1),
  }],
});

Deno.test("while answers come, texts share the page's width, and only many of them need more", () => {
  const total = (texts: readonly string[]) =>
    columnWidths(tableOf(texts)).reduce((sum, width) => sum + width, 0);
  const [, company, founded, one, ...rest] = columnWidths(tableOf(["Summary"]));
  assert(company! > founded! && one! > company!, String([company, founded, one]));
  assertStrictEquals(rest.length, 2);
  assert(total(["Summary"]) < 1120);
  // Two or more fill the page to the pixel, less one for each that is rounded down.
  for (const texts of [["A", "B"], ["A", "B", "C"]]) {
    const left = 1120 - total(texts);
    assert(left >= 0 && left < texts.length, `${left} px of ${texts.length}`);
  }
  assert(total(["A", "B", "C", "D", "E", "F"]) > 1120);
});

const FILTERS: readonly (readonly [query: string, rows: readonly number[]])[] = [
  ["status=failed", [2]],
  ["status=running", [4]],
  ["status=waiting", [5]],
  ["confidence=low", [3]],
  ["empty=1", [3]],
  ["q=london", [3]],
  ["sort=-employees", [3, 1, 2, 4, 5]],
  ["sort=City", [5, 2, 4, 1, 3]],
  ["sort=-row", [5, 4, 3, 2, 1]],
  ["page=99", [1, 2, 3, 4, 5]],
];

for (const [query, rows] of FILTERS) {
  Deno.test(`the URL selects the rows shown: ?${query}`, () =>
    withBatches(async (app) => {
      const html = await app.browser.text(`/batches/${await halfDone(app)}?${query}`);
      assertEquals(rowsIn(html).map(([number]) => Number(number)), rows);
    }));
}

Deno.test("an unknown, deleted or another account's batch is not found", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    const other = await app.app.browser().enterSandbox();
    const paths = [
      "",
      "/cell?row=1&column=0",
      "/table.csv",
      "/table.xlsx",
      "/rows.ndjson",
      "/reports.zip",
      "/events",
    ];
    for (const path of paths) {
      assertStrictEquals((await other.fetch(`/batches/${id}${path}`)).status, 404, path);
      assertStrictEquals((await app.browser.fetch(`/batches/tgrp_x${path}`)).status, 404, path);
    }
    for (const action of ["start", "pause", "retry", "rename", "delete", "undelete", "nothing"]) {
      const response = await other.post(`/batches/${id}/${action}`, { name: "Mine" });
      assertStrictEquals(response.status, 404, action);
    }
    assertStrictEquals(app.batches.commands.length, 0);
  }));

Deno.test("a row without a result opens its whole reason, with what running it again costs", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    const path = `/batches/${id}/cell?row=2&column=reason`;
    const reason = `No page answered: ${"the register was closed, ".repeat(20)}and so on.`;
    app.batches.tell(id, "rows", { rows: [{ row: 2, attempt: 1, status: "failed", reason }] });
    const html = await app.browser.text(`/batches/${id}`);
    assert(html.includes(`href="${path.replace("&", "&amp;")}"`));
    const opened = await app.browser.text(path);
    assert(textOf(opened).includes(reason), opened);
    assert(/Retry this row · \$0\.\d+/.test(textOf(opened)), textOf(opened));
    assert(opened.includes('href="/tasks/trun_2"'));
    for (const row of [1, 9]) {
      const none = await app.browser.fetch(path.replace("row=2", `row=${row}`));
      assertStrictEquals(none.status, 404);
    }
  }));

Deno.test("a visitor signs in and returns to the batch", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    const response = await app.app.browser().fetch(`/batches/${id}?q=a`);
    assertStrictEquals(response.headers.get("location"), `/?next=%2Fbatches%2F${id}%3Fq%3Da`);
  }));

Deno.test("each action is a form that redirects back to the batch", () =>
  withBatches(async (app) => {
    const { browser, batches } = app;
    const id = await halfDone(app);
    const press = async (action: string, fields: Record<string, string> = {}) => {
      const response = await browser.post(`/batches/${id}/${action}`, fields);
      assertStrictEquals(response.status, 303, await response.text());
      assertStrictEquals(response.headers.get("location"), `/batches/${id}`);
    };
    await press("pause");
    await press("start");
    await press("retry");
    await press("escalate", { processor: "pro", row: "3" });
    await press("rename", { name: " Companies " });
    assertEquals(batches.commands, [
      { type: "pause" },
      { type: "start", rows: null },
      { type: "retry", rows: null },
      { type: "escalate", rows: [3], processor: "pro" },
      { type: "rename", name: "Companies" },
    ]);
    assertIncludes(await browser.text(`/batches/${id}`), ": Companies · Taskstream</title>");
    for (
      const [action, fields] of [["rename", { name: " " }], ["escalate", {
        processor: "x",
      }]] as const
    ) {
      assertStrictEquals((await browser.post(`/batches/${id}/${action}`, fields)).status, 400);
    }
  }));

Deno.test("rerunning rows over budget needs confirmation", () =>
  withBatches(async ({ app, batches }) => {
    const browser = await app.browser().enterKey();
    const id = await batchOf({ browser }, TABLE, { trial: "" });
    batches.complete(id, [[1, output(1, 2, "low")]]);
    await browser.post("/tasks/budget", { budget_usd: "0.05" });
    const held = await browser.post(`/batches/${id}/escalate`, { processor: "pro", row: "1" });
    assertStrictEquals(held.status, 409);
    const html = await held.text();
    assertIncludes(textOf(html), "They cost $0.10.");
    for (const [name, value] of [["processor", "pro"], ["row", "1"]]) {
      assertIncludes(html, `name="${name}" value="${value}"`);
    }
    assertStrictEquals(batches.commands.length, 0);
    const confirmed = { processor: "pro", row: "1", over_budget: "on" };
    assertStrictEquals((await browser.post(`/batches/${id}/escalate`, confirmed)).status, 303);
    assertEquals(batches.commands, [{ type: "escalate", rows: [1], processor: "pro" }]);
    // Pausing costs nothing.
    assertStrictEquals((await browser.post(`/batches/${id}/pause`, {})).status, 303);
  }, { api: NO_RUNS }));

Deno.test("GET of a form's action redirects to the page with the form", () =>
  withBatches(async (app) => {
    const { browser } = app, id = await halfDone(app);
    for (
      const [path, page] of [
        [`/batches/${id}/pause`, `/batches/${id}`],
        ["/batches/preview", "/batches/new"],
        ["/batches", "/tasks?kind=batch"],
      ] as const
    ) {
      assertStrictEquals((await browser.fetch(path)).headers.get("location"), page);
    }
    assertStrictEquals((await browser.fetch("/batches/tgrp_x/pause")).status, 404);
  }));

Deno.test("a deleted batch is gone, and its page offers to restore it", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    const deleted = await app.browser.post(`/batches/${id}/delete`, {});
    const location = deleted.headers.get("location")!;
    const gone = await app.browser.fetch(location);
    assertStrictEquals(gone.status, 404);
    assertIncludes(await gone.text(), `action="/batches/${id}/undelete"`);
    assertStrictEquals((await app.browser.post(`/batches/${id}/undelete`, {})).status, 303);
    assertStrictEquals((await app.browser.fetch(`/batches/${id}`)).status, 200);
  }));

Deno.test("an action leads back to the filtered table that it was chosen in", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    const at = async (referer: string) => {
      const headers = { referer, "content-type": "application/x-www-form-urlencoded" };
      const init = { method: "POST", headers, body: "row=3" };
      const response = await app.browser.fetch(`/batches/${id}/retry`, init);
      await response.body?.cancel();
      return response.headers.get("location");
    };
    const filtered = `/batches/${id}?confidence=low`;
    assertStrictEquals(await at(`http://localhost${filtered}`), filtered);
    assertStrictEquals(await at("http://localhost/tasks?status=failed"), `/batches/${id}`);
  }));

Deno.test("after a trial the page shows its results and offers the other rows with their price", () =>
  withBatches(async (app) => {
    const id = await batchOf(app, TABLE, { trial: "3" });
    app.batches.complete(id, [[1, output(1, 2)], [2, output(1, 2)], [3, output(1, 2)]]);
    app.batches.tell(id, "state", { state: "paused", reason: TRIAL_DONE });
    const html = await app.browser.text(`/batches/${id}`);
    assertIncludes(textOf(html), `Tried 3 of 5`);
    assertIncludes(textOf(html), "Run the other 2 $0.05");
    assertIncludes(html, `>${TRIAL_DONE}</p>`);
  }));

Deno.test("the rename form starts with the batch's name", () =>
  withBatches(async (app) => {
    const html = await app.browser.text(`/batches/${await halfDone(app)}`);
    const [field = ""] = /<input[^>]*id="rename"[^>]*>/.exec(html) ?? [];
    assertIncludes(field, `value="Pasted table"`);
  }));

Deno.test("a search without matches says so, and links back to all rows", () =>
  withBatches(async (app) => {
    const path = `/batches/${await halfDone(app)}`;
    const text = textOf(await app.browser.text(`${path}?q=nothing`));
    assertIncludes(
      text,
      "No row contains “nothing”. Only the first 300 characters of each answer are searched. Show all rows",
    );
    assert(!text.includes("Arrow keys move"), text);
  }));

Deno.test("exports contain the filtered rows", () =>
  withBatches(async (app) => {
    const id = await halfDone(app);
    const base = `/batches/${id}`;
    const csv = await app.browser.text(`${base}/table.csv?status=failed`);
    assertEquals(csv.trim().split("\r\n").slice(1).map((line) => line.split(",")[0]), ["Bergen"]);
    const all = await app.browser.fetch(`${base}/table.csv?bom=1&sources=1`);
    assertStrictEquals(new Uint8Array(await all.clone().arrayBuffer())[0], 0xef);
    assertIncludes(await all.text(), "employees confidence");
    assertIncludes(
      all.headers.get("content-disposition") ?? "",
      "simulated Pasted table for Excel with sources.csv",
    );
    const lines = (await app.browser.text(`${base}/rows.ndjson?q=london`)).trim().split("\n");
    assertEquals(lines.map((line) => JSON.parse(line).Company), ["Cardamom"]);
    const xlsx = new Uint8Array(
      await (await app.browser.fetch(`${base}/table.xlsx`)).arrayBuffer(),
    );
    assertEquals([...xlsx.subarray(0, 2)], [0x50, 0x4b]);
  }));

Deno.test("the first page of 10,000 rows is at most 60 KB on the wire, and little larger than that of 100", () =>
  withBatches(async (app) => {
    const sizes: number[] = [];
    for (const rows of [100, 10_000]) {
      const table = "Company,City,Founded,Employees\n" +
        Array.from({ length: rows }, (_, at) => `Company ${at} & Sons,City ${at % 97},,`).join(
          "\n",
        );
      const id = await batchOf(app, table, { trial: "" });
      app.batches.complete(
        id,
        Array.from(
          { length: rows },
          (_, at) => [at + 1, output(1900 + at % 120, at * 7919 % 5000, at % 17 ? "high" : "low")],
        ),
      );
      const html = await app.browser.text(`/batches/${id}`);
      assertStrictEquals(rowsIn(html).length, 100);
      sizes.push(gzipSync(html, { level: 6 }).byteLength);
    }
    assert(sizes[1]! <= 60 * 1024, `${sizes}`);
    assert(sizes[1]! <= 1.3 * sizes[0]!, `${sizes}`);
  }));

/** With one set of columns, or two. */
function withColumns(view: ReturnType<typeof emptyBatchView>, sets: number) {
  const columns = [{ path: ["x"], name: "x" }];
  const own = { id: 1, at_ms: 0, type: "columns", data: { columns } };
  const further = { id: 2, at_ms: 0, type: "joined", data: { columns, processor: "core" } };
  return [own, further].slice(0, sets).reduce(applyBatchEvent, view);
}

const STATUSES = ["sent", "queued", "running", "completed", "failed", "cancelled", "deleted"];

Deno.test("the page's script continues counting where the server stopped", () => {
  const change = fc.record({
    row: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(127, 128, 129, 255, 256)),
    attempt: fc.constantFrom(1, 2, 3, 1001, 1002),
    status: fc.constantFrom(...STATUSES),
    cost_usd: fc.constantFrom(null, 0.25),
    confidence: fc.constantFrom("low", "high"),
  });
  const event = fc.array(change, { maxLength: 5 }).map((rows) =>
    rows.map(({ confidence, cost_usd, ...row }) =>
      row.status === "completed"
        ? { ...row, cost_usd: cost_usd ?? 0.5, cells: [{ text: "x", confidence }] }
        : row
    )
  );
  fc.assert(
    fc.property(fc.constantFrom(1, 2), fc.array(event), fc.array(event), (sets, before, after) => {
      const fold = (view: ReturnType<typeof emptyBatchView>, events: typeof before) =>
        events.reduce(
          (folded, rows) =>
            applyBatchEvent(folded, {
              id: folded.lastId + 1,
              at_ms: folded.lastId * 1_000,
              type: "rows",
              data: { rows },
            }),
          view,
        );
      const server = fold(withColumns(emptyBatchView("A", 300), sets), before);
      const page = viewOf(JSON.parse(JSON.stringify(seedOf(server))));
      const [whole, live] = [fold(server, after), fold(page, after)];
      assertEquals(live.counts, whole.counts);
      assertStrictEquals(live.low, whole.low);
      assertStrictEquals(openUsd(live, () => 1), openUsd(whole, () => 1));
      assertStrictEquals(progressOf(live, 50_000).percent, progressOf(whole, 50_000).percent);
      for (let row = 1; row <= 300; row++) {
        assertStrictEquals(rowView(live, row).status, rowView(whole, row).status);
      }
    }),
  );
});
