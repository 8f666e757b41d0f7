/** A batch goes on as soon as something of it changes, not with the next tick of its holder. */
import { assertEquals } from "@std/assert";
import { type TestApp, withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn, pageWhen } from "./batch_tools.ts";

/** The holder checks its batch every second even without a wakeup. */
const TICK_MS = 1_000;

function withoutTicks(test: (app: TestApp) => Promise<void>): Promise<void> {
  const timers = {
    setTimeout: (run: () => void, ms: number) => ms === TICK_MS ? null : setTimeout(run, ms),
    clearTimeout: (id: unknown) => clearTimeout(id as number),
  };
  return withApp(test, { config: { sandboxSpeed: 10_000 }, timers });
}

Deno.test("a batch ends although its holder's ticks never come", () =>
  withoutTicks(async (app) => {
    const owner = await ownerOf(app);
    const id = await created(app, owner, await batchOf(companies(150)));
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.counts, { completed: 150 });
  }));

Deno.test("what is ordered for a batch without work is sent although its holder's ticks never come", () =>
  withoutTicks(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const whenCompleted = (rows: number, sets: number) =>
      pageWhen(
        app,
        owner,
        id,
        ({ view }) =>
          view.state === "done" && view.sets.length === sets && view.counts.completed === rows,
      );
    const id = await created(app, owner, await batchOf(companies(3), { trial: 1 }));
    await pageIn(app, owner, id, "paused");
    await batches.command(owner, id, { type: "start", rows: null });
    await whenCompleted(3, 1);
    const task_spec = { output_schema: { type: "text" } } as const;
    await batches.addColumns(owner, id, { processor: "base", task_spec, trial: null });
    await whenCompleted(3, 2);
    await batches.addRows(owner, id, (await batchOf("company,zip\nBolt,77\n")).table);
    await whenCompleted(4, 2);
  }));
