/** Batches from creation to the last result, on the embedded sandbox. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn, rowsOf } from "./batch_tools.ts";

const FAST = { config: { sandboxSpeed: 10_000 } };

Deno.test("every row of a batch gets one run and its answer in columns", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const id = await created(app, owner, await batchOf(companies(5)));
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.outputs.map(({ name }) => name), ["founded", "city"]);
    const rows = rowsOf(page);
    for (const { status, attempt, run_id, cells, cost_usd } of rows) {
      assertEquals([status, attempt, cells?.length], ["completed", 1, 2]);
      assert(cells!.every(({ text }) => text !== ""));
      assert(cost_usd! > 0);
      const run = await app.services.runs.page(owner.id, run_id!) ?? fail("no run");
      assertEquals(run.run.group_id, id);
    }
    assertStrictEquals(new Set(rows.map(({ run_id }) => run_id)).size, 5);
    const inputs = await Promise.all(
      rows.map(async ({ run_id }) =>
        (await app.services.runs.page(owner.id, run_id!))?.run.input.input
      ),
    );
    assertEquals(inputs[2], { company: "Acme 3", zip: "02" });
  }, FAST));
