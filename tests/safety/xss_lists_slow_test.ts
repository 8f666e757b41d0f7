/** Pages that show runs again: lists, searches, comparisons, prefilled forms. */
import { assertEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { watch } from "./xss_detector.ts";
import { PAYLOADS } from "./xss_payloads.ts";
import { assertNothing, createRun, look, PACKS, signIn, visit, withStage } from "./xss_stage.ts";

browserTest(
  `none of ${PAYLOADS.length} payloads runs in lists, searches, comparisons and prefilled forms`,
  ({ context, page }) =>
    withStage(async (stage) => {
      const { app, origin } = stage;
      await signIn(page, stage);
      const noticed = await watch(context, [origin]);
      for (const payloads of PACKS) {
        // The list is open when they come: its rows are put in by the island.
        await page.goto(`${origin}/tasks`);
        const ids: string[] = [];
        for (const ending of ["text", "json", "failed"] as const) {
          ids.push(await createRun(stage, payloads, ending));
        }
        await page.locator(`a[href="/tasks/${ids.at(-1)}"]`).waitFor();
        await look(page, "/tasks, live", []);
        await app.services.histories.indexer.settled();
        const text = payloads.map(({ text }) => text).join(" ");
        const ways = [
          `/?edit=${ids[0]}`,
          `/?edit=${ids[1]}`,
          `/?follow=${ids[0]}`,
          `/compare?ids=${ids.join(",")}`,
          `/tasks?q=${payloads[0]?.mark}`,
          `/tasks?${new URLSearchParams({ q: text, processor: text, status: text })}`,
        ];
        for (const way of ways) await visit(page, origin + way, []);
        const shown = await visit(page, `${origin}/compare?ids=${ids[0]},${ids[1]}`, payloads);
        assertEquals(shown, [], "a comparison shows all");
        assertNothing(noticed, payloads.map(({ text }) => text).join("\n"));
      }
    }),
);
