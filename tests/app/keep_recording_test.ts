import { assertStrictEquals } from "@std/assert";
import { withApp } from "./test_app.ts";

Deno.test("a host that sleeps is kept awake while a run is recorded", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "pro" });
    await app.services.keepRecording(new AbortController().signal);
    const page = await browser.text(`/tasks/${runId}/result.json`);
    assertStrictEquals(JSON.parse(page).run.run_id, runId);
    assertStrictEquals(JSON.parse(page).events.at(-1).event.run.status, "completed");
  }));

Deno.test("the host is not kept awake beyond its next wake-up", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await browser.createTask({ processor: "ultra8x" });
    const next = new AbortController();
    const held = app.services.keepRecording(next.signal);
    let over = false;
    held.then(() => over = true);
    await browser.text("/tasks");
    assertStrictEquals(over, false);
    next.abort();
    await held;
  }, { config: { sandboxSpeed: 0.01 } }));

Deno.test("the host may sleep at once if nothing is recorded", () =>
  withApp((app) => app.services.keepRecording(new AbortController().signal)));
