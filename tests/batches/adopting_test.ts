/** What happens when a group cannot be adopted, or its adoption is disturbed. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { GroupApi } from "../proxy/group_api.ts";
import { errorJson } from "../proxy/proxy_app.ts";
import {
  addThere,
  ADOPTED,
  adopted,
  GROUP,
  inputsOf,
  KEY,
  onApi,
  withHouse,
} from "./adopted_tools.ts";
import { ownerOf, pageIn, pageWhen, rowsOf } from "./batch_tools.ts";

Deno.test("a group that cannot be a batch has a page that says why", async (t) => {
  const large = { rows: 5, bytes: 1_000_000 };
  const cases: [string, (api: GroupApi) => void, number, string][] = [
    ["it has no runs", () => {}, 404, "This task group has no runs yet"],
    ["it is too large", (api) => void api.add(GROUP, inputsOf(6)), 422, "It has 6 runs"],
    [
      "the API does not know it",
      (api) => api.instead = () => Response.json(errorJson("TaskGroup not found"), { status: 404 }),
      404,
      "Page not found",
    ],
    [
      "a gateway answers",
      (api) => api.instead = () => Response.json({ message: "no route" }, { status: 404 }),
      502,
      "The API does not answer",
    ],
    [
      "the API fails",
      (api) => api.instead = () => new Response("", { status: 500 }),
      502,
      "The API does not answer",
    ],
    [
      "its list fails",
      (api) => {
        api.add(GROUP, inputsOf(1));
        api.instead = (path) => path.endsWith("/runs") ? new Response("", { status: 503 }) : null;
      },
      502,
      "The API does not answer",
    ],
  ];
  for (const [name, prepare, status, words] of cases) {
    await t.step(name, () =>
      withHouse(async ({ app, api }) => {
        const browser = await app.browser().enterKey(KEY);
        prepare(api);
        const response = await browser.fetch(`/batches/${GROUP}`);
        const text = await response.text();
        assertStrictEquals(response.status, status, text);
        assert(text.includes(words), text);
        const left = await Array.fromAsync(app.services.kv.list({ prefix: ["batch"] }));
        assertEquals(left, []);
      }, { config: { batchLimits: large } }));
  }
});

const columnOf = (rows: readonly { readonly cells: readonly string[] }[]) =>
  rows.map(({ cells }) => cells[0]);
const companies = (count: number) => inputsOf(count).map(({ input }) => input.company);
const STREAM = { headers: { "content-type": "text/event-stream" } };

/** Has the group's list end after so many bytes, once per given length; `error` breaks the connection. */
function cutLists(api: GroupApi, lengths: number[], how: "end" | "error"): void {
  api.instead = (path, query) => {
    if (!path.endsWith("/runs") || !query.has("include_input")) return null;
    const length = lengths.shift();
    if (length === undefined) return null;
    const whole = api.list(GROUP, query);
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async start(controller) {
        controller.enqueue(new Uint8Array(await whole.slice(0, length).arrayBuffer()));
        if (how === "end") controller.close();
      },
      pull: (controller) => controller.error(new Error("cut")),
    }, { highWaterMark: 0 });
    return new Response(body, STREAM);
  };
}

for (const how of ["end", "error"] as const) {
  Deno.test(`a list that is cut (${how}) is read on: each run is one row`, () =>
    withHouse(async ({ app, api, owner }) => {
      api.add(GROUP, inputsOf(130));
      // The first look needs only the first run. Some cuts are inside an event.
      cutLists(api, [50_000, 20_000, 12_345, 500], how);
      assertEquals(await app.services.batches.adopt(owner, GROUP), ADOPTED);
      const { rows } = await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 130);
      assertEquals(columnOf(rows), companies(130));
      api.endAll();
      const { view } = await pageIn(app, owner, GROUP, "done");
      assertEquals(view.counts, { completed: 130 });
    }));
}

Deno.test("a place in the list that the API no longer knows is given up: no row is lost or doubled", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, inputsOf(4));
    await adopted(house);
    let refused = 0;
    api.instead = (path, query) => {
      if (!path.endsWith("/runs") || !query.has("last_event_id")) return null;
      refused++;
      return Response.json(errorJson("Unknown last_event_id"), { status: 422 });
    };
    api.add(GROUP, inputsOf(3, 4));
    app.services.batches.lookAgain(owner.id, GROUP);
    const { rows } = await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 7);
    assertEquals(columnOf(rows), companies(7));
    assert(refused > 0);
  }));

Deno.test("a group that the API stops listing pauses the batch, which goes on when told", () =>
  withHouse(async ({ app, api, owner }) => {
    api.add(GROUP, inputsOf(3));
    let isFirst = true;
    api.instead = (path) => {
      if (!path.endsWith("/runs")) return null;
      if (isFirst) return isFirst = false, null;
      return Response.json(errorJson("TaskGroup not found"), { status: 404 });
    };
    assertEquals(await app.services.batches.adopt(owner, GROUP), ADOPTED);
    const { view } = await pageIn(app, owner, GROUP, "paused");
    assertStrictEquals(
      view.reason,
      "The API does not list the runs of this group (TaskGroup not found). Resume to ask again.",
    );
    api.instead = () => null;
    await app.services.batches.command(owner, GROUP, { type: "start", rows: null });
    await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 3);
    assertStrictEquals(api.count(/^POST/), 0);
  }));

Deno.test("a group that outgrows a batch stays as it is, and the page says so", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    await addThere(house, inputsOf(4));
    await adopted(house);
    await addThere(house, inputsOf(4, 4));
    await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 6);
    api.endAll();
    const { view, rows } = await pageIn(app, owner, GROUP, "done");
    assertEquals(columnOf(rows), companies(6));
    assertStrictEquals(
      view.reason,
      "This group is larger than a batch can be: the runs after 6 rows are not shown here.",
    );
  }, { config: { batchLimits: { rows: 6, bytes: 1_000_000 } } }));

Deno.test("a row's later runs count neither towards the size of a group nor of its batch", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    const places = [[1, 1], [2, 1], [1, 2], [3, 1], [2, 2], [1, 3]] as const;
    const run = (row: number, attempt: number) => ({
      ...inputsOf(1, row - 1)[0]!,
      metadata: { row: `r${row}`, attempt },
    });
    api.add(GROUP, places.map(([row, attempt]) => run(row, attempt)));
    await adopted(house);
    api.endAll();
    const { view, rows } = await pageWhen(
      app,
      owner,
      GROUP,
      (page) => page.view.state === "done" && rowsOf(page)[0]?.attempt === 3,
    );
    assertEquals([columnOf(rows), view.reason], [companies(3), null]);
    // The same run is refused in a group that has more rows.
    const other = `tgrp_${"c".repeat(32)}`;
    api.add(other, [...places.map(([row, attempt]) => run(row, attempt)), run(4, 1)]);
    assertEquals(await app.services.batches.adopt(owner, other), {
      state: "large",
      runs: 7,
      most: 3,
    });
  }, { config: { batchLimits: { rows: 3, bytes: 1_000_000 } } }));

Deno.test("a prefetch adopts nothing, and another account's batch is not found", () =>
  withHouse(async ({ app, api, owner }) => {
    api.add(GROUP, inputsOf(2));
    const browser = await app.browser().enterKey(KEY);
    const path = `/batches/${GROUP}`;
    for (const init of [{ headers: { "sec-purpose": "prefetch" } }, { method: "HEAD" }]) {
      await (await browser.fetch(path, init)).body?.cancel();
      assertStrictEquals(await app.services.batches.page(owner.id, GROUP), null);
    }
    const page = await browser.text(path);
    assert(page.includes("Acme 2"), page);
    const other = await app.browser().enterKey("pk-another-key-5678");
    const response = await other.fetch(path);
    assertStrictEquals(response.status, 404);
    assert((await response.text()).includes("Page not found"));
  }));

Deno.test("two processes that adopt a group at once make one batch, and a restart finishes it", async () => {
  const folder = await Deno.makeTempDir();
  const api = new GroupApi();
  const start = () => onApi(api, { config: { kvPath: `${folder}/kv` } });
  try {
    api.add(GROUP, inputsOf(320));
    const apps = [await start(), await start()];
    const owners = await Promise.all(apps.map((app) => ownerOf(app, KEY)));
    // The list stops in its middle and stays open, until the restart.
    let isOpen = false;
    api.instead = (path, query) => {
      if (!path.endsWith("/runs") || !query.has("include_input") || isOpen) return null;
      return new Response(
        new ReadableStream<Uint8Array<ArrayBuffer>>({
          async start(controller) {
            const some = api.list(GROUP, query).slice(0, 100_000);
            controller.enqueue(new Uint8Array(await some.arrayBuffer()));
          },
        }),
        STREAM,
      );
    };
    await Promise.all(apps.flatMap((app, at) => [
      app.services.batches.adopt(owners[at]!, GROUP),
      app.services.batches.adopt(owners[at]!, GROUP),
    ]));
    const some = await pageWhen(apps[0]!, owners[0]!, GROUP, ({ rows }) => rows.length >= 100);
    assert(some.rows.length < 320);
    for (const app of apps) await app.close();
    isOpen = true;
    const after = await start();
    void after.services.pickUp();
    const { rows } = await pageWhen(after, owners[0]!, GROUP, ({ rows }) => rows.length === 320);
    assertEquals(columnOf(rows), companies(320));
    api.endAll();
    const { view } = await pageIn(after, owners[0]!, GROUP, "done");
    assertEquals(view.counts, { completed: 320 });
    const { runs } = await after.services.histories.list(owners[0]!.id, { limit: 400, rows: true });
    const numbers = runs.map(({ batch }) => batch?.row ?? 0).sort((a, b) => a - b);
    assertEquals(numbers, Array.from({ length: 320 }, (_, at) => at + 1));
    assertStrictEquals(api.count(/^POST/), 0);
    await after.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
