import { assert } from "@std/assert";
import { TestApp } from "../app/test_app.ts";
import { KvConnectServer } from "./connect/server.ts";
import { until } from "./far_apps.ts";

/** The sequential round trips to the store that a page may take. */
const PAGES: readonly (readonly [what: string, most: number])[] = [
  ["/", 4],
  ["/tasks", 4],
  ["/tasks?status=completed", 4],
  ["/tasks?processor=lite&output=auto", 4],
  ["/tasks/RUN", 4],
  ["/tasks/RUN/report.md", 4],
  ["/tasks/RUN/result.json", 4],
  ["/tasks/RUN/trace.ndjson", 4],
  ["SHARE", 4],
  ["/account", 4],
  // A key that is not the sandbox's is asked about besides.
  ["KEY /", 4],
  ["KEY /tasks", 4],
  // Each read depends on the one before, as docs/operate/deploy.md says.
  ["/compare?ids=RUN,OTHER", 5],
  ["/tasks?q=tallest", 7],
  ["/tasks?q=tallest+building&status=completed", 9],
];

/** Requests of which one takes no more than the page itself needs. */
const TRIES = 10;

Deno.test(
  "a page takes at most four round trips to a distant store; comparisons and searches take more",
  { sanitizeOps: false, sanitizeResources: false },
  async (t) => {
    await using server = new KvConnectServer();
    const config = { kvPath: server.url, sessionSecrets: ["x".repeat(40)] };
    const unknown = { type: "error", error: { ref_id: "x", message: "Run id not found" } };
    const api = () => Response.json(unknown, { status: 404 });
    const app = await TestApp.start({ config, api });
    try {
      const browser = await app.browser().enterSandbox();
      const keyed = await app.browser().enterKey();
      const runId = await browser.createTask();
      await browser.events(runId);
      const other = await browser.createTask();
      await browser.events(other);
      // Searches find both.
      await app.services.histories.indexer.settled();
      await browser.post(`/tasks/${runId}/share`, {});
      const share = /\/s\/[\w-]{43}/.exec(await browser.text(`/tasks/${runId}`))?.[0] ?? "";
      for (const [what, most] of PAGES) {
        const asks = what.startsWith("KEY ") ? keyed : browser;
        const path = what.replace("KEY ", "").replace("RUN", runId).replace("OTHER", other).replace(
          "SHARE",
          share,
        );
        await t.step(what, async () => {
          // Some reads happen only occasionally. On a busy machine, other work of the app falls into a page's time,
          // or the store is taken for away.
          const tries: string[] = [];
          for (let least = Infinity; least > most; assert(tries.length < TRIES, tries.join(", "))) {
            const waves = server.waves();
            const response = await asks.fetch(path);
            await response.body?.cancel();
            if (response.status === 200) least = waves();
            else await until(async () => (await asks.fetch("/readyz")).status === 200);
            tries.push(`${response.status} in ${waves()} round trips`);
          }
        });
      }
    } finally {
      await app.close();
    }
  },
);
