/** Pages of batches in tests: an app whose batch service is a fake one. */
import { assert, assertStrictEquals } from "@std/assert";
import { type TestApp, type TestAppOptions, type TestBrowser, withApp } from "../app/test_app.ts";

import { FakeBatches } from "./fake_batches.ts";

/** A Task API that accepts the key and has no runs. */
export const NO_RUNS = () =>
  Response.json({ error: { message: "Run id not found" } }, { status: 404 });

export interface BatchApp {
  readonly app: TestApp;
  readonly browser: TestBrowser;
  readonly batches: FakeBatches;
}

export async function withBatches(
  test: (app: BatchApp) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  await withApp(async (app) => {
    const batches = new FakeBatches();
    Object.assign(app.services, { batches });
    await test({ app, batches, browser: await app.browser().enterSandbox() });
  }, options);
}

/** Uploads or pastes a table; returns the answer. */
export function upload(
  browser: TestBrowser,
  table: string | File,
  fields: Record<string, string> = {},
): Promise<Response> {
  const form = new FormData();
  form.append("table", table);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return browser.fetch("/batches/preview", { method: "POST", body: form });
}

/** Uploads a table that can be read; returns the draft's id and its page. */
export async function draftOf(
  browser: TestBrowser,
  table: string | File,
): Promise<{ readonly id: string; readonly html: string; readonly form: Record<string, string> }> {
  const response = await upload(browser, table);
  assertStrictEquals(response.status, 303, await response.text());
  const location = response.headers.get("location")!;
  const html = await browser.text(location);
  return { id: location.split("draft=")[1]!, html, form: fieldsIn(html) };
}

/** What a browser would post of the page's form. */
export function fieldsIn(html: string): Record<string, string> {
  const form = /<form id="batch"[\s\S]*?<\/form>/.exec(html)?.[0] ?? "";
  const fields: Record<string, string> = {};
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, "name"), type = attribute(tag, "type");
    if (name === null) continue;
    if ((type === "checkbox" || type === "radio") && !/\schecked/.test(tag)) continue;
    fields[name] = attribute(tag, "value") ?? (type === "checkbox" ? "on" : "");
  }
  for (
    const [, name = "", text = ""] of form.matchAll(
      /<textarea[^>]*\sname="([^"]+)"[^>]*>([\s\S]*?)<\/textarea>/g,
    )
  ) {
    fields[name] = decoded(text.replace(/^\n/, ""));
  }
  return fields;
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : decoded(value);
}

/** The text of a piece of HTML. */
export function textOf(html: string): string {
  return decoded(html.replace(/<[^>]+>/g, " ")).replace(/\s+/g, " ").trim();
}

function decoded(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

/** Makes a batch by the form; returns its id. */
export async function batchOf(
  { browser }: Pick<BatchApp, "browser">,
  table: string | File,
  fields: Record<string, string> = {},
): Promise<string> {
  const { form } = await draftOf(browser, table);
  const response = await browser.post("/batches", { ...form, ...fields });
  assertStrictEquals(response.status, 303, textOf(await response.text()));
  return response.headers.get("location")!.slice("/batches/".length);
}

export function assertIncludes(text: string, part: string): void {
  assert(text.includes(part), `“${part}” is not in: ${text.slice(0, 4_000)}`);
}
