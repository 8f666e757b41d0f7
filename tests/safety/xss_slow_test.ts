/**
 * Every user-controlled field with every payload, in real Chromium: nothing may run or call out, and our own
 * pages violate no policy.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { FORM } from "../app/test_app.ts";
import { browserTest } from "../browser_launch.ts";
import { findRoutes, pathOf } from "./walk.ts";
import { watch } from "./xss_detector.ts";
import { PAYLOADS } from "./xss_payloads.ts";
import {
  assertNothing,
  createRun,
  look,
  PACKS,
  packsOf,
  quiet,
  share,
  signIn,
  submit,
  visit,
  withStage,
} from "./xss_stage.ts";

browserTest(
  `none of ${PAYLOADS.length} payloads runs in API data of a run`,
  ({ context, page }) =>
    withStage(async (stage) => {
      assert(PAYLOADS.length >= 100);
      await signIn(page, stage);
      const noticed = await watch(context, [stage.origin]);
      for (const batch of PACKS) {
        for (const ending of ["text", "json", "failed"] as const) {
          const runId = await createRun(stage, batch, ending);
          const path = `/tasks/${runId}`;
          assertEquals(
            await visit(page, stage.origin + path, batch),
            [],
            `${ending} shows all`,
          );
          // The shared page is the same page for strangers.
          await visit(page, stage.origin + await share(stage, runId), []);
          assertNothing(noticed, `${ending} ${batch.map(({ text }) => text).join("\n")}`);
        }
      }
      await visit(page, `${stage.origin}/tasks`, []);
      assertNothing(noticed, "/tasks");
    }),
);

browserTest(
  `none of ${PAYLOADS.length} payloads runs in a live feed`,
  ({ context, page }) =>
    withStage(async (stage) => {
      await signIn(page, stage);
      const noticed = await watch(context, [stage.origin]);
      for (const payloads of PACKS) {
        const runId = await createRun(stage, payloads, "live");
        await page.goto(`${stage.origin}/tasks/${runId}`);
        stage.api.release(runId);
        // The rows are put in by the island; then the finished page comes by itself.
        await page.locator(".result").waitFor();
        assertEquals(await look(page, runId, payloads), []);
        assertNothing(noticed, `live ${runId}`);
      }
    }),
);

const TEXT_FIELDS = [
  "input",
  "text_description",
  "json_schema",
  "input_schema",
  "include_domains",
  "exclude_domains",
  "after_date",
  "location",
  "webhook_url",
  "metadata",
  "mcp_servers",
  "previous_interaction_id",
  "idempotency_key",
  "processor",
  "output_type",
  "input_format",
] as const;

browserTest(
  `none of ${PAYLOADS.length} payloads runs in a redisplayed form`,
  ({ context, page }) =>
    withStage(async (stage) => {
      await signIn(page, stage);
      const noticed = await watch(context, [stage.origin]);
      for (const [at, batch] of packsOf(20).entries()) {
        const text = batch.map(({ text }) => text).join("\n");
        // In every field at once, and every third time only in one, so that the API refuses in its words.
        const fields = at % 3 === 0
          ? { ...FORM, input: text }
          : Object.fromEntries(TEXT_FIELDS.map((name) => [name, text]));
        const status = await submit(page, `${stage.origin}/tasks`, fields);
        assertStrictEquals(status, 422, text);
        assertEquals(await look(page, text, batch), [], `${text} is kept`);
        assertNothing(noticed, text);
      }
    }),
  { allowProblems: true },
);

/** Parameters that pages read, or might. */
const QUERY = [
  "next",
  "problem",
  "example",
  "cursor",
  "q",
  "status",
  "processor",
  "from",
  "to",
  "find",
  "edit",
  "follow",
  "show",
  "deleted",
  "ids",
  "error",
  "error_description",
  "code",
  "state",
  "input",
  "title",
] as const;

browserTest(
  `none of ${PAYLOADS.length} payloads runs in a URL: path, query, and a missing page`,
  ({ context, page }) =>
    withStage(async (stage) => {
      await signIn(page, stage);
      const runId = await createRun(stage, PAYLOADS.slice(0, 1), "text");
      const token = (await share(stage, runId))?.split("/").at(-1) ?? null;
      const fixture = { browser: stage.browser, runId, token };
      const noticed = await watch(context, [stage.origin]);
      const paths = new Set<string>();
      for (const route of await findRoutes()) {
        // Signing in with Parallel leads elsewhere by design.
        if (!route.methods.includes("GET") || route.pattern === "/auth/login") continue;
        const path = pathOf(route, fixture);
        const response = await stage.browser.fetch(path);
        await response.body?.cancel();
        // Downloads and streams are no pages, and every missing page is the one that is visited below.
        const isPage = response.headers.get("content-type")?.startsWith("text/html");
        if (isPage && response.status !== 404) paths.add(path);
      }
      assert(paths.size >= 16, [...paths].join(" "));
      // An address of 20 payloads has some 40 KB. A server takes up to 64.
      for (const [at, payloads] of packsOf(20).entries()) {
        const text = payloads.map(({ text }) => text).join(" ");
        const query = new URLSearchParams(QUERY.map((name) => [name, text]));
        // A tab whose history holds hundreds of such long addresses becomes slower with each.
        const tab = await context.newPage();
        for (const path of paths) {
          const address = `${path}${path.includes("?") ? "&" : "?"}${query}`;
          // Every header has the address, and every script sees it: one pack is enough for pages that do not
          // repeat it elsewhere.
          const response = await stage.browser.fetch(address);
          const main = (await response.text()).replace(/<header[^]*?<\/header>/, "");
          const repeats = !response.ok || /m\d+m/.test(main);
          if (at === 0 || repeats) await visit(tab, stage.origin + address, []);
        }
        await visit(tab, `${stage.origin}/${encodeURIComponent(text)}?${query}#${text}`, []);
        await tab.close();
        assertNothing(noticed, text);
      }
    }),
  { allowProblems: true },
);

browserTest(
  `none of ${PAYLOADS.length} payloads runs in the inspector`,
  ({ context, page }) =>
    withStage(async ({ origin }) => {
      const noticed = await watch(context, [origin]);
      for (const payloads of PACKS) {
        const stream = payloads.map(({ text }) => {
          const line = text.replace(/[\r\n]/g, " ");
          const chunk = { choices: [{ delta: { content: text } }], [text]: text };
          return `id: ${line}\nevent: ${line}\ndata: ${line}\n\ndata: ${
            JSON.stringify(chunk)
          }\n\n` +
            `${line}: x\nretry: ${line}\n: ${line}\n\n`;
        }).join("");
        await page.goto(`${origin}/inspect#${payloads[0]?.text}`);
        await page.locator("#stream-text").fill(stream);
        await page.getByRole("button", { name: "Inspect", exact: true }).click();
        await page.getByText(payloads[0]?.mark ?? "").first().waitFor();
        assertEquals(await look(page, "/inspect", payloads), []);
        assertNothing(noticed, payloads.map(({ text }) => text).join("\n"));
      }
    }),
);

browserTest(
  "the detector sees unescaped payloads run, and the policy alone stops them",
  ({ context, page }) =>
    withStage(async ({ app, origin }) => {
      const policy = (await app.browser().fetch("/")).headers.get("content-security-policy") ?? "";
      const server = Deno.serve(quiet, (request) => {
        const { pathname, searchParams } = new URL(request.url);
        if (pathname === "/x") return new Response(null, { status: 404 });
        const raw = searchParams.get("raw") ?? "";
        const html = `<!DOCTYPE html><p>${raw}</p><p title="${raw}">m</p>`;
        const headers = new Headers({ "content-type": "text/html; charset=utf-8" });
        if (pathname === "/guarded") headers.set("content-security-policy", policy);
        return new Response(html, { headers });
      });
      const raw = `http://127.0.0.1:${server.addr.port}`;
      try {
        const noticed = await watch(context, [origin, raw]);
        const ran = new Set<string>();
        const some = PAYLOADS.filter((_, at) => at % 3 === 0);
        for (const { text, mark } of some) {
          await page.goto(`${raw}/bare?${new URLSearchParams({ raw: text })}`).catch(() => null);
          await page.evaluate(() => new Promise((resolve) => setTimeout(resolve))).catch(() =>
            null
          );
          if (noticed.executed.includes(mark)) ran.add(mark);
        }
        assert(ran.size >= 20, `only ${ran.size} of ${some.length} payloads run at all`);
        noticed.executed.length = 0;
        noticed.violations.length = 0;
        for (const { text } of some) {
          await page.goto(`${raw}/guarded?${new URLSearchParams({ raw: text })}`).catch(() => null);
        }
        assertEquals(noticed.executed, [], "the policy alone stops all of them");
        assert(noticed.violations.length >= 20, `${noticed.violations.length} violations seen`);
      } finally {
        await server.shutdown();
      }
    }),
  { allowProblems: true },
);
