/** A request has no effect if its session ends while the body is arriving. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM, ORIGIN, type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const KEY = "sandbox-a-key-that-two-know";

/** A request that has reached its route while its body is still on the way. */
function halfOpen(
  app: TestApp,
  browser: TestBrowser,
  { path, body, type = "application/x-www-form-urlencoded" }: {
    readonly path: string;
    readonly body: string;
    readonly type?: string;
  },
): { readonly asked: Promise<void>; readonly finish: () => Promise<Response> } {
  const asked = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  let sent = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent) return controller.close();
      asked.resolve();
      await rest.promise;
      sent = true;
      controller.enqueue(new TextEncoder().encode(body));
    },
  }, { highWaterMark: 0 });
  const response = app.handle(
    new Request(ORIGIN + path, {
      method: "POST",
      body: stream,
      headers: {
        "content-type": type,
        "sec-fetch-site": "same-origin",
        cookie: `taskstream=${browser.cookies.get("taskstream")}`,
      },
    }),
  );
  return {
    asked: asked.promise,
    finish: () => {
      rest.resolve();
      return response;
    },
  };
}

const form = (fields: Record<string, string>) => `${new URLSearchParams(fields)}`;

/** The actions, with the account's run, and the status that says that nothing was done. */
const CASES: readonly {
  readonly name: string;
  readonly status: number;
  readonly request: (runId: string) => Parameters<typeof halfOpen>[2];
}[] = [
  {
    name: "a key of the intruder's",
    status: 303,
    request: () => ({
      path: "/account/keys",
      body: form({ api_key: "sandbox-a-key-of-mine", confirm: "yes" }),
    }),
  },
  {
    name: "a webhook secret",
    status: 303,
    request: () => ({
      path: "/account/webhook",
      body: form({ webhook_secret: `whsec_${btoa("x".repeat(24))}` }),
    }),
  },
  {
    name: "the end of everything",
    status: 303,
    request: () => ({ path: "/account/delete", body: form({ confirm: "yes" }) }),
  },
  {
    name: "the end of other sessions",
    status: 303,
    request: () => ({ path: "/account/sessions", body: form({ end: "others" }) }),
  },
  {
    name: "deletions",
    status: 303,
    request: (id) => ({ path: "/tasks/selected", body: form({ action: "delete", id }) }),
  },
  {
    name: "an export",
    status: 303,
    request: (id) => ({ path: "/tasks/selected", body: form({ action: "ndjson", id }) }),
  },
  {
    name: "a budget",
    status: 303,
    request: () => ({ path: "/tasks/budget", body: form({ budget_usd: "5" }) }),
  },
  {
    name: "a repeat",
    status: 303,
    request: (id) => ({ path: `/tasks/${id}/rerun`, body: form({}) + "x=y" }),
  },
  // Kept for the next sign-in, like every form of an ended session.
  { name: "a task", status: 303, request: () => ({ path: "/tasks", body: form({ ...FORM }) }) },
  {
    name: "a task by the proxy",
    status: 401,
    request: () => ({
      path: "/api/v1/tasks/runs",
      body: JSON.stringify({ input: "x", processor: "lite" }),
      type: "application/json",
    }),
  },
  {
    name: "a history",
    status: 303,
    request: () => ({ path: "/tasks/transfer", body: "{}\n", type: "application/x-ndjson" }),
  },
];

Deno.test("a request that arrives after its session ended has no effect", async (t) => {
  await withApp(async (app) => {
    const owner = await app.browser().enterKey(KEY);
    const runId = await owner.createTask();
    const { id: account } = await app.services.accounts.forKey(KEY);
    const state = async () => ({
      runs: (await app.services.runs.list(account)).runs.map(({ run_id }) => run_id),
      keys: (await app.services.accounts.keys(account)).length,
      secret: await app.services.webhookSecrets.get(account),
      budget: await app.services.histories.budgets.state(account),
      sessions: (await app.services.sessions.list(account)).length,
    });
    const before = await state();
    for (const { name, status, request } of CASES) {
      await t.step(name, async () => {
        const intruder = await app.browser().enterKey(KEY);
        const { asked, finish } = halfOpen(app, intruder, request(runId));
        await asked;
        await intruder.post("/auth/logout", {});
        const response = await finish();
        assertStrictEquals(response.status, status, await response.text());
        // To sign in, where the page says that nothing was sent.
        if (status === 303) {
          assertMatch(response.headers.get("location") ?? "", /^\/\?(?:problem=not-sent&)?next=/);
        }
        assertEquals(await state(), before);
      });
    }
  });
});
