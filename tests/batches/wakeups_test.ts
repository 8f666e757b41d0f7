/** A batch goes on as soon as something of it changes, not with the next tick of its holder. */
import { assertEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn } from "./batch_tools.ts";

/** The holder checks its batch every second even without a wakeup. */
const TICK_MS = 1_000;

Deno.test("a batch ends although its holder's ticks never come", () => {
  const timers = {
    setTimeout: (run: () => void, ms: number) => ms === TICK_MS ? null : setTimeout(run, ms),
    clearTimeout: (id: unknown) => clearTimeout(id as number),
  };
  return withApp(async (app) => {
    const owner = await ownerOf(app);
    const id = await created(app, owner, await batchOf(companies(150)));
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.counts, { completed: 150 });
  }, { config: { sandboxSpeed: 10_000 }, timers });
});
