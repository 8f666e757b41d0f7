/** The size of pages: delivered scripts and styles, and every file that a page loads. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { ORIGIN, type TestBrowser, withApp } from "./app/test_app.ts";

/** Bytes, minified and gzipped at level 9; a KB as for lib/sse, whose 1.5 are 1,536. */
const KB = 1024;

interface Load {
  readonly path: string;
  readonly bytes: number;
}

/** Every script that the page loads, static imports followed, inline ones included. */
async function scriptsOf(browser: TestBrowser, html: string): Promise<Load[]> {
  const loads = new Map<string, Load>();
  const add = async (path: string) => {
    const { pathname } = new URL(path, ORIGIN);
    if (loads.has(pathname)) return;
    const response = await browser.fetch(path);
    assertStrictEquals(response.status, 200, path);
    const text = await response.text();
    loads.set(pathname, { path: pathname, bytes: gzipSync(text, { level: 9 }).byteLength });
    for (const specifier of importsOf(text)) {
      await add(new URL(specifier, new URL(path, ORIGIN)).pathname);
    }
  };
  for (const path of preloadsOf(html)) await add(path);
  for (const [, attributes = "", text = ""] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
    const src = /\ssrc="([^"]+)"/.exec(attributes)?.[1];
    if (src !== undefined) await add(src.replaceAll("&amp;", "&"));
    else if (!attributes.includes("application/json")) {
      loads.set(`inline ${loads.size}`, {
        path: "inline",
        bytes: gzipSync(text, { level: 9 }).byteLength,
      });
      for (const specifier of importsOf(text)) await add(specifier);
    }
  }
  return [...loads.values()];
}

/** The islands' own scripts, which the boot script imports by names that stand in the page's data. */
function preloadsOf(html: string): string[] {
  return [...html.matchAll(/<link rel="modulepreload" href="([^"]+)"/g)].map(([, href = ""]) =>
    href
  );
}

/** What a script loads before it runs; what it may load later, by `import("…")`, is not among it. */
function importsOf(script: string): string[] {
  return [...script.matchAll(/(?:\bfrom|\bimport)\s*["']((?:\.{0,2}\/)[^"']+)["']/g)].map((match) =>
    match[1] ?? ""
  );
}

/** What a script loads when it needs it. */
function laterImportsOf(script: string): string[] {
  return [...script.matchAll(/\bimport\(\s*["']((?:\.{0,2}\/)[^"']+)["']/g)].map((match) =>
    match[1] ?? ""
  );
}

const total = (loads: readonly Load[]) => loads.reduce((sum, { bytes }) => sum + bytes, 0);
const listed = (loads: readonly Load[]) =>
  loads.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");

Deno.test("the form page delivers at most 14.1 KB of script, and 33 KB with any of its tools", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const html = await browser.text("/");
    const loads = await scriptsOf(browser, html);
    assert(loads.some(({ path }) => path.includes("TaskForm")), listed(loads));
    assert(total(loads) <= 14.1 * KB, `${total(loads)}\n${listed(loads)}`);
    const tools: string[] = [];
    for (const { path } of loads.filter(({ path }) => path !== "inline")) {
      const text = await browser.text(path);
      tools.push(...laterImportsOf(text).map((tool) => new URL(tool, ORIGIN + path).pathname));
    }
    assert(tools.length >= 6, listed(loads));
    const known = new Set(loads.map(({ path }) => path));
    for (const tool of tools) {
      const script = `<script type="module" src="${tool}"></script>`;
      const more = (await scriptsOf(browser, script)).filter(({ path }) => !known.has(path));
      assert(more.length > 0 && total(loads) + total(more) <= 33 * KB, `${tool}\n${listed(more)}`);
    }
  }));

/**
 * Preact and what wakes islands 5.0 KB, lib/sse 2.0, what every page loads 0.7; the connection and the
 * figures are the rest. As browsers get it, in Brotli, a tenth less.
 */
Deno.test("a live run's page delivers at most 12 KB of script, and 5.6 KB more with its first event", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "ultra8x" });
    const loads = await scriptsOf(browser, await browser.text(`/tasks/${runId}`));
    const island = loads.find(({ path }) => path.includes("RunFeed"));
    assert(island, listed(loads));
    assert(total(loads) <= 12 * KB, `${total(loads)}\n${listed(loads)}`);
    // What events need comes while the stream opens; the rest when it is used, or never.
    const rows = laterImportsOf(await browser.text(island.path))
      .map((path) => new URL(path, ORIGIN + island.path).pathname)
      .find((path) => path.includes("moving"));
    const script = `<script type="module" src="${rows}"></script>`;
    const more = (await scriptsOf(browser, script)).filter(({ path }) =>
      !loads.some((load) => load.path === path)
    );
    assert(total(more) <= 5.6 * KB, listed(more));
  }, { config: { sandboxSpeed: 0.01 } }));

/** Of these, 2.7 KB follow the stream, and 2.3 KB draw the lines of runs and batches with their answers. */
Deno.test("the list's page delivers at most 18 KB of script", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await browser.createTask();
    const loads = await scriptsOf(browser, await browser.text("/tasks"));
    assert(loads.some(({ path }) => path.includes("LiveList")), listed(loads));
    assert(total(loads) <= 18 * KB, `${total(loads)}\n${listed(loads)}`);
  }));

/** Of these, 0.2 KB gather the changes of rows: without it, 50 changes a second hold up the page. */
Deno.test("a batch's page delivers at most 19.7 KB of script, the form of a new one at most 12.3 KB", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const table = "Company,Founded\nAalto,\nBergen,\nCardamom,\nDukaat,\n";
    const read = await browser.post("/batches/preview", { table });
    const path = read.headers.get("location")!;
    const form = await scriptsOf(browser, await browser.text(path));
    assert(form.some(({ path }) => path.includes("BatchForm")), listed(form));
    assert(total(form) <= 12.3 * KB, `${total(form)}\n${listed(form)}`);
    const made = await browser.post("/batches", { table, output_type: "auto", processor: "lite" });
    const loads = await scriptsOf(browser, await browser.text(made.headers.get("location")!));
    assert(loads.some(({ path }) => path.includes("BatchBoard")), listed(loads));
    assert(total(loads) <= 19.7 * KB, `${total(loads)}\n${listed(loads)}`);
  }, { config: { sandboxSpeed: 0.01 } }));

Deno.test("a finished run's page has no island: 2 KB of scripts, and 1.3 KB for its citations", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    await browser.events(runId);
    const html = await browser.text(`/tasks/${runId}`);
    await assertLight(browser, `/tasks/${runId}`);
    const loads = await scriptsOf(browser, html);
    assertEquals(
      loads.map(({ path }) => path.replace(/-[\w]+(?=\.js$)/, "")),
      ["inline", "/page.js", "/run.js", "/cite.js"],
    );
    assert(total(loads.slice(0, -1)) <= 2 * KB, listed(loads));
    assert(total(loads.slice(-1)) <= 1.3 * KB, listed(loads));
  }));

/** Fails if a page has 7 KB of HTML or more, as sent to a browser. */
async function assertLight(browser: TestBrowser, path: string): Promise<void> {
  const response = await browser.fetch(path, { headers: { "accept-encoding": "gzip" } });
  assertStrictEquals(response.headers.get("content-encoding"), "gzip");
  const { byteLength } = await response.bytes();
  assert(byteLength < 7 * KB, `${path}: ${byteLength} bytes`);
}

Deno.test("the HTML of the form, a live run and a list of 25 is less than 7 KB on the wire", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await assertLight(browser, "/");
    const live = await browser.createTask({ processor: "ultra8x" });
    for (let n = 0; n < 25; n++) await browser.createTask();
    await assertLight(browser, `/tasks/${live}`);
    await assertLight(browser, "/tasks");
  }, { config: { sandboxSpeed: 0.01 } }));

Deno.test("a screen waits for one stylesheet of at most 16 KB, and paper's is 2 KB; content names both", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const html = await browser.text("/");
    const links = [
      ...html.matchAll(/<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"(?: media="(\w+)")?[^>]*>/g),
    ];
    assertEquals(links.map(([, , media]) => media), [undefined, "print"]);
    for (const [, href = "", media] of links) {
      const response = await browser.fetch(href.replaceAll("&amp;", "&"));
      assertStrictEquals(response.status, 200);
      assertMatch(response.headers.get("content-type") ?? "", /^text\/css/);
      assertMatch(response.headers.get("cache-control") ?? "", /immutable/);
      const size = gzipSync(await response.text(), { level: 9 }).byteLength;
      assert(size <= (media === "print" ? 2 : 16) * KB, String(size));
    }
  }));
