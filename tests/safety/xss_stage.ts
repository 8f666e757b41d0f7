/** The app with a hostile API on a real port, and how its pages are checked. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { TestApp, type TestAppOptions, type TestBrowser } from "../app/test_app.ts";
import { HostileApi } from "./hostile_api.ts";
import type { Ending } from "./hostile_words.ts";
import { audit, type Noticed } from "./xss_detector.ts";
import { type Payload, PAYLOADS } from "./xss_payloads.ts";

/** Payloads on one page at once: enough to be quick, few enough for pages to show them whole. */
export const PACKS = packsOf(33);

/** All payloads, so many at once. */
export function packsOf(size: number): Payload[][] {
  return Array.from(
    { length: Math.ceil(PAYLOADS.length / size) },
    (_, n) => PAYLOADS.slice(n * size, (n + 1) * size),
  );
}

export const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };

/** The app on a hostile API, behind a real port, and somebody who is signed in. */
export interface Stage {
  readonly app: TestApp;
  readonly api: HostileApi;
  readonly origin: string;
  readonly browser: TestBrowser;
}

export async function withStage(
  test: (stage: Stage) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  const api = new HostileApi();
  const app = await TestApp.start({ api: api.fetch, ...options });
  const server = Deno.serve(quiet, (request, info) => app.handle(request, info));
  try {
    const browser = await app.browser().enterKey();
    await test({ app, api, origin: `http://127.0.0.1:${server.addr.port}`, browser });
  } finally {
    await app.services.drain();
    await server.shutdown();
    await app.close();
  }
}

/** Creates a run that says these payloads, asked in these words too. */
export async function createRun(
  { api, browser }: Stage,
  payloads: readonly Payload[],
  ending: Ending,
): Promise<string> {
  api.prepare(payloads, ending);
  const all = payloads.map(({ text }) => text).join("\n");
  const input = ending === "json"
    ? Object.fromEntries(payloads.map(({ text }) => [text, text]))
    : all;
  const response = await browser.fetch("/api/v1/tasks/runs", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      input,
      processor: "core",
      metadata: { note: all.slice(0, 500) },
      task_spec: { output_schema: { type: "text", description: all } },
    }),
  });
  const run = await response.json();
  assertStrictEquals(response.status, 202, JSON.stringify(run));
  if (ending !== "live") await browser.events(run.run_id);
  return run.run_id;
}

export async function share({ browser }: Stage, runId: string): Promise<string | null> {
  const shared = await browser.post(`/tasks/${runId}/share`, {});
  await shared.body?.cancel();
  const { share } = await (await browser.fetch(`/tasks/${runId}/result.json`)).json();
  return typeof share?.url === "string" ? new URL(share.url).pathname : null;
}

/** Loads a page, audits it, and returns the marks of those payloads that it does not show. */
export async function visit(
  page: Page,
  url: string,
  payloads: readonly Payload[],
): Promise<string[]> {
  await page.goto(url);
  return await look(page, url, payloads);
}

/** Posts a form from one of our pages. Returns the status of the response. */
export async function submit(
  page: Page,
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const action = new URL(url);
  await page.goto(`${action.origin}/healthz`);
  const [answer] = await Promise.all([
    page.waitForNavigation(),
    page.evaluate(({ action, fields }) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = action;
      for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        form.append(field);
      }
      document.body.append(form);
      form.submit();
    }, { action: action.href, fields }),
  ]);
  return answer?.status();
}

export async function look(
  page: Page,
  url: string,
  payloads: readonly Payload[],
): Promise<string[]> {
  // What was waited for is there before the rest of a page.
  await page.waitForLoadState();
  const { foreign, shown } = await audit(page);
  assertEquals(foreign, [], url);
  return payloads.map(({ mark }) => mark).filter((mark) => !shown.includes(mark));
}

export function assertNothing(noticed: Noticed, what: string): void {
  assertEquals(
    noticed,
    { executed: [], violations: [], calls: [], dialogs: [] },
    `${what}: executed, violated or called out`,
  );
}

/** Puts the session of the in-process browser into the real one. */
export async function signIn(page: Page, { browser, origin }: Stage): Promise<void> {
  await page.context().addCookies(
    [...browser.cookies].map(([name, value]) => ({ name, value, url: origin })),
  );
}
