/** Runs whose key can no longer be decrypted because the secret changed. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { TestApp } from "../../app/test_app.ts";

const KEY = "sandbox-comes-back-1";

/** Creates a run, changes the instance's secret while it goes on, and hands over the new instance. */
async function withChangedSecret(
  test: (app: TestApp, runId: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const config = { kvPath: `${folder}/kv`, sandboxSpeed: 4 };
  try {
    const before = await TestApp.start({ config: { ...config, sessionSecrets: ["a".repeat(32)] } });
    const runId = await (await before.browser().enterKey(KEY)).createTask();
    await before.close();
    const after = await TestApp.start({ config: { ...config, sessionSecrets: ["b".repeat(32)] } });
    try {
      await after.services.pickUp();
      while (!after.lines.some((line) => line.includes("recorder failed"))) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await test(after, runId);
    } finally {
      await after.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("signing in with a run's key again records the run to its end", () =>
  withChangedSecret(async (app, runId) => {
    const browser = await app.browser().enterKey(KEY);
    const events = await browser.events(runId);
    assertMatch(events.at(-1)!.data, /"status":"completed"/);
    assertEquals(events.map(({ id }) => id), events.map((_, at) => String(at + 1)));
  }));

Deno.test("using the API with the run's key does the same, but another key does not", () =>
  withChangedSecret(async (app, runId) => {
    const other = await app.browser().enterKey("sandbox-somebody-else");
    await other.text("/tasks");
    const active = async () =>
      (await app.services.kv.get<{ sealed_key: string }>(["active", runId])).value!.sealed_key;
    const sealed = await active();
    const request = new Request(`http://localhost:8000/api/v1/tasks/runs/${runId}/events`, {
      headers: { "x-api-key": KEY },
    });
    const response = await app.handle(request);
    assertNotEquals(await active(), sealed);
    assertMatch(await response.text(), /"status":"completed"/);
  }));
