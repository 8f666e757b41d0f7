/** Every form that takes text keeps it if its session has ended: it is in the form again after signing in. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { ORIGIN, type TestApp, type TestBrowser, withApp } from "./test_app.ts";
import { batchOf, withBatches } from "../batches/pages_tools.ts";

const KEY = "sandbox-keeps-its-forms";

interface Case {
  readonly name: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, string | File>>;
  /** What the page says after signing in. */
  readonly shows: readonly RegExp[];
}

const BACK = /What you typed is back/;

const CASES: readonly ((batch: string) => Case)[] = [
  () => ({
    name: "the budget, with the list's filters",
    path: "/tasks/budget",
    fields: { budget_usd: "1234.56", list: "/tasks?q=rivers" },
    shows: [BACK, /name="budget_usd"[^>]*value="1234\.56"/, /name="q"[^>]*value="rivers"/],
  }),
  (batch) => ({
    name: "a batch's name",
    path: `/batches/${batch}/rename`,
    fields: { name: "Firms, “Québec” & <Genève>" },
    shows: [BACK, /name="name" value="Firms, “Québec” &amp; &lt;Genève/],
  }),
  () => ({
    name: "a notification's URL",
    path: "/account/notifications",
    fields: {
      act: "add",
      url: "https://hooks.slack.com/services/T0/B0/canary-secret",
      format: "slack",
      every_run: "yes",
    },
    shows: [
      BACK,
      /name="url"[^>]*value="https:\/\/hooks\.slack\.com\/services\/T0\/B0\/canary-secret"/,
      /value="slack" selected/,
    ],
  }),
  () => ({
    name: "several inputs",
    path: "/tasks",
    fields: { input: "First?\nSecond?", several: "on", processor: "core", output_type: "auto" },
    shows: [/Your task is back/, /First\?\nSecond\?/, /type="hidden" name="several"/],
  }),
  () => ({
    name: "a pasted request",
    path: "/tasks",
    fields: { show: "paste", paste: '{"input": "Pasted late", "processor": "pro"}' },
    shows: [/Filled from what you pasted/, />\n?Pasted late</],
  }),
  () => ({
    name: "a pasted text that is no request",
    path: "/tasks",
    fields: { show: "paste", input: "Typed before", paste: "curl canary-secret" },
    shows: [/Paste it again/, />\n?Typed before</],
  }),
  () => ({
    name: "a history as text",
    path: "/tasks/transfer",
    fields: { file: new File([], ""), text: '{"parallel": ["tasks"]}' },
    shows: [BACK, /\{&quot;parallel&quot;: \[&quot;tasks&quot;\]\}|\{"parallel": \["tasks"\]\}/],
  }),
  () => ({
    name: "a history as a file",
    path: "/tasks/transfer",
    fields: { file: new File(["{}\n"], "history <1>.ndjson"), text: "" },
    shows: [/choose “history &lt;1>\.ndjson” again/],
  }),
  () => ({
    name: "a history as a file that is too large to be read without a session",
    path: "/tasks/transfer",
    fields: { file: new File([" ".repeat(3 * 1024 * 1024)], "große history.ndjson"), text: "" },
    shows: [/choose “große history\.ndjson” again/],
  }),
  () => ({
    name: "a table as a file",
    path: "/batches/preview",
    fields: { table: new File(["a,b\n1,2\n"], "firms.csv"), format: "csv" },
    shows: [/choose “firms\.csv” again/, /value="csv" selected/],
  }),
  (batch) => ({
    name: "rows as a file",
    path: `/batches/${batch}/rows`,
    fields: { table: new File(["a,b\n1,2\n"], "more rows.xlsx") },
    shows: [/choose “more rows\.xlsx” again/],
  }),
];

function bodyOf(fields: Case["fields"]): FormData | URLSearchParams {
  const entries = Object.entries(fields);
  if (entries.every(([, value]) => typeof value === "string")) {
    return new URLSearchParams(fields as Record<string, string>);
  }
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  return form;
}

/** Sends a form without a session, signs in where the answer leads, and returns the page. */
async function sendLate(browser: TestBrowser, { path, fields }: Case): Promise<string> {
  await browser.post("/auth/logout", {});
  const sent = await browser.fetch(path, { method: "POST", body: bodyOf(fields) });
  const location = new URL(sent.headers.get("location") ?? "", ORIGIN);
  await sent.body?.cancel();
  assertEquals([sent.status, location.pathname, location.searchParams.get("problem")], [
    303,
    "/",
    null,
  ]);
  assertMatch(await browser.text(location.pathname + location.search), /so nothing was sent/);
  const next = location.searchParams.get("next") ?? "";
  const entered = await browser.post("/auth/key", { api_key: KEY, next });
  assertEquals(entered.headers.get("location"), next);
  return await browser.text(next);
}

/** Whether a text is readable in the store. */
async function isStored({ services: { kv } }: TestApp, text: string): Promise<boolean> {
  const decoder = new TextDecoder();
  for await (const { value } of kv.list({ prefix: ["parked"] })) {
    const read = value instanceof Uint8Array ? decoder.decode(value) : JSON.stringify(value);
    if (read.includes(text)) return true;
  }
  return false;
}

Deno.test("a form that was sent after its session ended is filled in again after signing in", (t) =>
  withBatches(async ({ app, browser }) => {
    await browser.enterKey(KEY);
    const batch = await batchOf({ browser }, "company\nBolt\n");
    for (const caseOf of CASES) {
      const sent = caseOf(batch);
      await t.step(sent.name, async () => {
        const page = await sendLate(browser, sent);
        for (const words of sent.shows) assertMatch(page, words);
        assert(!await isStored(app, "canary-secret"), "stored as plain text");
      });
    }
  }));

Deno.test("a page does not show the kept fields of another form", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const budget = CASES[0]!("");
    await sendLate(browser, budget);
    assertNotMatch(await browser.text("/account/notifications?kept=1"), BACK);
  }));
