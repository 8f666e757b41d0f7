/** One submit creates one task, even if the API's response never arrives. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { FORM, type TestBrowser, withApp } from "./test_app.ts";

const RUN_ID = "trun_0123456789abcdef0123456789abcdef";
const accepted = () =>
  Response.json({
    run_id: RUN_ID,
    interaction_id: RUN_ID,
    status: "queued",
    is_active: true,
    processor: "lite",
    created_at: "2026-01-01T00:00:00.000000Z",
    modified_at: "2026-01-01T00:00:00.000000Z",
  }, { status: 202 });

/** An API whose first answer to a create is lost in the given way; counts what arrives. */
function losing(lose: () => Response | Promise<Response>) {
  const bodies: string[] = [];
  return {
    bodies,
    api: async (request: Request) => {
      if (request.method !== "POST") {
        return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
      }
      bodies.push(await request.text());
      return bodies.length === 1 ? await lose() : accepted();
    },
  };
}

/** What a browser would send of the page's hidden fields, and the button's. */
const hidden = (page: string) => ({
  idempotency_key: /name="idempotency_key" value="([^"]+)"/.exec(page)?.[1] ?? "",
  again: /name="again" value="([^"]+)"/.exec(page)?.[1] ?? "",
});

async function submit(browser: TestBrowser, fields: Record<string, string>) {
  const response = await browser.post("/tasks", { ...FORM, ...fields });
  return { response, page: await response.text() };
}

const LOSSES: readonly (readonly [string, () => Response | Promise<Response>])[] = [
  ["a broken connection", () => Promise.reject(new TypeError("connection reset by peer"))],
  ["a gateway's 504", () => new Response("<h1>Gateway Timeout</h1>", { status: 504 })],
  ["an answer that is no run", () => new Response("{}", { status: 202 })],
];
for (const [name, lose] of LOSSES) {
  Deno.test(`after ${name} the same submit is not resent, and a button sends it anyway`, async () => {
    const { bodies, api } = losing(lose);
    await withApp(async (app) => {
      const browser = await app.browser().enterKey();
      const first = await submit(browser, { idempotency_key: crypto.randomUUID() });
      assertStrictEquals(first.response.status, 502);
      assertMatch(first.page, /may (?:exist|have been created|still have created)/);
      assertMatch(first.page, /<title>Error: [^<]*: the task may have been created · New task/);
      assert(first.page.includes(FORM.input!), "nothing typed is lost");

      const { idempotency_key, again } = hidden(first.page);
      const second = await submit(browser, { idempotency_key });
      assertStrictEquals(second.response.status, 502);
      assertMatch(second.page, /have not resent it/);
      assertStrictEquals(bodies.length, 1, "and the API saw one create");

      const anyway = await submit(browser, { idempotency_key, again });
      assertStrictEquals(anyway.response.status, 303);
      assertStrictEquals(anyway.response.headers.get("location"), `/tasks/${RUN_ID}`);
      const repeated = await submit(browser, { idempotency_key, again });
      assertStrictEquals(repeated.response.status, 303, "pressed twice it is still one");
      assertStrictEquals(bodies.length, 2);
    }, { api });
  });
}

Deno.test("an edited submit counts as a new one and is sent", async () => {
  const { bodies, api } = losing(() => Promise.reject(new TypeError("connection reset")));
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const { page } = await submit(browser, { idempotency_key: crypto.randomUUID() });
    const { idempotency_key } = hidden(page);
    const { response } = await submit(browser, { idempotency_key, input: "Another question" });
    assertStrictEquals(response.status, 303);
    assertStrictEquals(bodies.length, 2);
  }, { api });
});

Deno.test("after a failed connection the same submit is sent again without a warning", async () => {
  const { bodies, api } = losing(() => Promise.reject(new TypeError("connection refused")));
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const { page } = await submit(browser, { idempotency_key: crypto.randomUUID() });
    assertMatch(page, /Nothing was sent/);
    assertStrictEquals(hidden(page).again, "");
    const { response } = await submit(browser, hidden(page));
    assertStrictEquals(response.status, 303);
    assertStrictEquals(bodies.length, 2);
  }, { api });
});

/** An API that answers its first create when the test says so, and what tells that it has arrived. */
function slow() {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const told = losing(() => {
    arrived.resolve();
    return answer.promise;
  });
  return {
    ...told,
    arrived: arrived.promise,
    answer: (response: Response) => answer.resolve(response),
  };
}

/** The first click of two, once the API has it. */
async function firstClick(browser: TestBrowser, arrived: Promise<void>) {
  const fields = { idempotency_key: crypto.randomUUID() };
  const first = submit(browser, fields);
  await arrived;
  return { fields, first };
}

Deno.test("a second click redirects to the run of the first", async () => {
  const { bodies, api, arrived, answer } = slow();
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const { fields, first } = await firstClick(browser, arrived);
    const second = submit(browser, fields);
    // By then the second one knows that the first is on its way.
    const early = await Promise.race([second, browser.text("/tasks")]);
    assertStrictEquals(typeof early, "string", "it waits for the first one's answer");
    answer(accepted());
    for (const { response } of await Promise.all([first, second])) {
      assertStrictEquals(response.status, 303);
      assertStrictEquals(response.headers.get("location"), `/tasks/${RUN_ID}`);
    }
    assertStrictEquals(bodies.length, 1);
  }, { api });
});

Deno.test("a second click asks the API itself if the first was rejected", async () => {
  const { bodies, api, arrived, answer } = slow();
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const { fields, first } = await firstClick(browser, arrived);
    const second = submit(browser, fields);
    answer(new Response("{}", { status: 402 }));
    assertStrictEquals((await first).response.status, 402);
    assertStrictEquals((await second).response.status, 303);
    assertStrictEquals(bodies.length, 2);
  }, { api });
});

Deno.test("a pending submit is not shown as an API error, and resending is not offered", async () => {
  const { bodies, api, arrived, answer } = slow();
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const { fields, first } = await firstClick(browser, arrived);
    // Whose sender has gone waits no longer: the same end as that of half a minute.
    const gone = new AbortController();
    const second = browser.fetch("/tasks", {
      method: "POST",
      body: new URLSearchParams({ ...FORM, ...fields }),
      signal: gone.signal,
    });
    await browser.text("/tasks");
    gone.abort();
    const response = await second;
    assertStrictEquals(response.status, 409);
    const page = await response.text();
    assertMatch(page, /<title>This task is already being created · New task/);
    assertNotMatch(page, /Parallel refused/);
    assertStrictEquals(hidden(page).again, "");
    answer(accepted());
    assertStrictEquals((await first).response.status, 303);
    assertStrictEquals(bodies.length, 1);
  }, { api });
});
