/** An open run and an open list in real Chromium during a store outage. */
import { assertEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { KvConnectServer } from "../store/connect/server.ts";
import { onScriptedRun, rowsAtLeast } from "./scripted_run.ts";

const NOTICE = /The database does not answer\. Runs in progress are still recorded/;

browserTest(
  "an open run and an open list report a store outage and continue afterwards",
  async ({ page, context }) => {
    await using store = new KvConnectServer();
    await onScriptedRun(page, async (run) => {
      const list = await context.newPage();
      await list.goto(new URL("/tasks", page.url()).href);
      const shown = [page, list];
      run.say("Before");
      await rowsAtLeast(page, 2);
      store.down();
      for (const each of shown) await each.getByText(NOTICE).waitFor();
      // A page that connects anew is told by a status what an open stream says.
      const refused = page.waitForResponse((response) => response.status() === 503);
      await page.evaluate(() => globalThis.dispatchEvent(new Event("online")));
      run.say("Meanwhile");
      await refused;
      for (const each of shown) await each.getByText(NOTICE).waitFor();
      store.up();
      for (const each of shown) await each.getByText(NOTICE).waitFor({ state: "detached" });
      await rowsAtLeast(page, 3);
      const rows = await page.locator("#trace .e").allTextContents();
      assertEquals(rows.slice(1).map((row) => /Before|Meanwhile/.exec(row)?.[0]), [
        "Before",
        "Meanwhile",
      ]);
      await list.close();
    }, { kvPath: store.url, sessionSecrets: ["x".repeat(40)] });
  },
  { allowProblems: true },
);
