import assert from "node:assert/strict";
import { TestApp, type TestBrowser } from "../app/test_app.ts";
import { type Faults, KvConnectServer } from "./connect/server.ts";

/** A request that is given up stays with Deno's client, which has no way to end it. */
const leaky = { sanitizeOps: false, sanitizeResources: false };

/** Apps on one store that is far away. */
async function withApps(
  count: number,
  test: (server: KvConnectServer, ...apps: TestApp[]) => Promise<void>,
  { faults, config }: { faults?: Partial<Faults>; config?: Parameters<typeof TestApp.start>[0] } =
    {},
) {
  await using server = new KvConnectServer(faults);
  Deno.env.set("DENO_KV_ACCESS_TOKEN", server.token);
  const apps: TestApp[] = [];
  try {
    for (let n = 0; n < count; n++) {
      apps.push(
        await TestApp.start({
          ...config,
          config: { kvPath: server.url, sessionSecrets: [SECRET], ...config?.config },
        }),
      );
    }
    await test(server, ...apps);
  } finally {
    server.change({ hang: false, refuseAll: false, refuseWrites: false });
    server.up();
    for (const app of apps) await app.close();
    Deno.env.delete("DENO_KV_ACCESS_TOKEN");
  }
}

const SECRET = "a secret of at least thirty-two characters";

async function expectAway(response: Response): Promise<string> {
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "5");
  return await response.text();
}

Deno.test(
  "the main job works on a store that is far away",
  leaky,
  () =>
    withApps(1, async (_, app) => {
      const browser = await app.browser().enterSandbox();
      const runId = await browser.createTask();
      const events = await browser.events(runId);
      assert.equal(events.at(-1)?.event, "task_run.state");
      assert.deepEqual(events.map(({ id }) => Number(id)), events.map((_, n) => n + 1));
      assert.match(await browser.text(`/tasks/${runId}`), /completed/i);
    }),
);

const ASKED: readonly (readonly [string, (browser: TestBrowser) => Promise<Response>])[] = [
  ["a page", (browser) => browser.fetch("/tasks")],
  ["a page of nobody", (browser) => browser.fetch("/")],
  ["the form", (browser) => browser.post("/tasks", { input: "x", processor: "lite" })],
  ["a page that does not exist", (browser) => browser.fetch("/nowhere")],
];

for (const fault of ["gone", "hang", "refuse"] as const) {
  Deno.test(
    `while the store is away (${fault}) everything says so, and comes back by itself`,
    leaky,
    () =>
      withApps(1, async (server, app) => {
        const browser = await app.browser().enterSandbox();
        if (fault === "gone") server.down();
        else server.change(fault === "hang" ? { hang: true } : { refuseAll: true });
        for (const [what, ask] of ASKED) {
          assert.match(await expectAway(await ask(browser)), /The database does not answer/, what);
        }
        const api = await browser.fetch("/api/v1/tasks/runs", {
          headers: { "x-api-key": "sandbox-x" },
          method: "POST",
          body: "{}",
        });
        assert.equal(JSON.parse(await expectAway(api)).type, "error");
        const health = await browser.fetch("/healthz");
        assert.equal(health.status, 200);
        assert.deepEqual(await health.json(), { status: "ok", store: "away" });
        assert.equal((await browser.fetch("/readyz")).status, 503);
        if (fault === "gone") server.up();
        else server.change({ hang: false, refuseAll: false });
        for (;;) {
          const ready = await browser.fetch("/readyz");
          await ready.body?.cancel();
          if (ready.status === 200) break;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assert.equal((await browser.fetch("/tasks")).status, 200);
        const runId = await browser.createTask();
        assert.equal((await browser.events(runId)).at(-1)?.event, "task_run.state");
      }),
  );
}
