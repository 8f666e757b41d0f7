import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { parseSSE } from "../../lib/sse/mod.ts";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const SECRET = "acme-secret";

async function finished(browser: TestBrowser, fields: Record<string, string> = {}) {
  const runId = await browser.createTask(fields);
  await browser.events(runId);
  return runId;
}

/** Shares a run and returns the link's path. */
async function shareRun(browser: TestBrowser, runId: string): Promise<string> {
  const response = await browser.post(`/tasks/${runId}/share`, {});
  assertStrictEquals(response.status, 303);
  assertStrictEquals(response.headers.get("location"), `/tasks/${runId}`);
  const { share } = await (await browser.fetch(`/tasks/${runId}/result.json`)).json();
  assertMatch(share.created_at, /^\d{4}-\d\d-\d\dT/);
  return new URL(share.url).pathname;
}

const signedIn = async (app: TestApp) => await app.browser().enterSandbox();

Deno.test("a link shows the run to anyone, its owner sees that, and revoking it works", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await finished(owner);
    const path = await shareRun(owner, runId);
    assertMatch(path, /^\/s\/[\w-]{43}$/);
    assertStrictEquals(await shareRun(owner, runId), path, "sharing again keeps the link");
    const own = await owner.text(`/tasks/${runId}`);
    assert(own.includes(path) && own.includes("Anyone with the link can read"));
    const shared = await stranger.fetch(path);
    assertStrictEquals(shared.status, 200);
    assertMatch(await shared.text(), /id="result"/);

    assertStrictEquals((await owner.post(`/tasks/${runId}/unshare`, {})).status, 303);
    assertStrictEquals((await stranger.fetch(path)).status, 404);
    assertStrictEquals((await stranger.fetch(`${path}/events`)).status, 404);
    const { share } = await (await owner.fetch(`/tasks/${runId}/result.json`)).json();
    assertStrictEquals(share, null);
    assertNotEquals(await shareRun(owner, runId), path, "a new link is another one");
  }));

Deno.test("only owners can share or unshare", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), other = await signedIn(app);
    const runId = await finished(owner);
    const path = await shareRun(owner, runId);
    for (const action of ["share", "unshare"]) {
      assertStrictEquals((await other.post(`/tasks/${runId}/${action}`, {})).status, 404);
      assertStrictEquals((await app.browser().post(`/tasks/${runId}/${action}`, {})).status, 303);
      const forged = await owner.fetch(`/tasks/${runId}/${action}`, {
        method: "POST",
        headers: { "sec-fetch-site": "cross-site" },
      });
      assertStrictEquals(forged.status, 403);
    }
    assertStrictEquals((await app.browser().fetch(path)).status, 200);
  }));

Deno.test("neither page nor stream contains metadata, webhooks, tool servers or keys", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await finished(owner, {
      metadata: JSON.stringify({ customer: SECRET }),
      webhook_url: `https://hooks.example/${SECRET}`,
      mcp_servers: JSON.stringify([{
        type: "url",
        name: "files",
        url: `https://mcp.example/?key=${SECRET}`,
        headers: { authorization: SECRET },
      }]),
    });
    assertMatch(await owner.text(`/tasks/${runId}`), new RegExp(SECRET), "the owner sees them");
    const path = await shareRun(owner, runId);
    const page = await stranger.fetch(path);
    const html = await page.text();
    const leak = new RegExp(`.{0,80}(?:${SECRET}|hooks\\.example|mcp\\.example|sandbox-).{0,80}`);
    assertStrictEquals(leak.exec(html)?.[0], undefined);
    const response = await stranger.fetch(`${path}/events`);
    assertMatch(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const text = await response.text();
    assertStrictEquals(leak.exec(text)?.[0], undefined);
    const shared = await Array.fromAsync(parseSSE(new Response(text)));
    const own = await owner.events(runId);
    assertEquals(
      shared.map(({ id, event }) => [id, event]),
      own.map(({ id, event }) => [id, event]),
      "the ids and types are the owner's",
    );
    const done = await stranger.fetch(`${path}/events`, {
      headers: { "last-event-id": String(own.length) },
    });
    assertStrictEquals(done.status, 204, "which stops an EventSource");
    assertEquals(JSON.parse(shared.at(-1)!.data).output, JSON.parse(own.at(-1)!.data).output);
  }));

Deno.test("a shared page excludes search engines and has a link preview", () =>
  withApp(async (app) => {
    const owner = await signedIn(app);
    const path = await shareRun(owner, await finished(owner));
    const response = await app.browser().fetch(path);
    assertStrictEquals(response.headers.get("x-robots-tag"), "noindex, nofollow");
    const html = await response.text();
    const meta = (name: string) =>
      new RegExp(`<meta (?:name|property)="${name}" content="([^"]*)"`).exec(html)?.[1];
    assertStrictEquals(meta("robots"), "noindex, nofollow");
    assertStrictEquals(meta("og:title"), "What is the tallest building in Lyon?");
    assertMatch(meta("og:description") ?? "", /^Simulated\. .{20}/);
    assertStrictEquals(meta("description"), meta("og:description"));
    assertMatch(meta("og:url") ?? "", new RegExp(`${path}$`));
    assertMatch(html, /<title>What is the tallest building in Lyon\? · Taskstream<\/title>/);
  }));

Deno.test("a finished page is revalidated with 304, without a second policy", () =>
  withApp(async (app) => {
    const owner = await signedIn(app);
    const path = await shareRun(owner, await finished(owner));
    const first = await app.browser().fetch(path);
    const etag = first.headers.get("etag") ?? "";
    assertMatch(etag, /^W\/"[0-9a-f]+-[\w+/]{27}"$/);
    assertStrictEquals(first.headers.get("cache-control"), "private, no-cache");
    assert(first.headers.has("content-security-policy"));
    const html = await first.text();
    for (const tag of [etag, etag.slice(2), `"x", ${etag}`, "*"]) {
      const again = await owner.fetch(path, { headers: { "if-none-match": tag } });
      assertStrictEquals(again.status, 304, tag);
      assertStrictEquals(
        again.headers.get("content-security-policy"),
        null,
        "its scripts have the first one's nonce",
      );
      assertStrictEquals(again.headers.get("etag"), etag);
      assertStrictEquals(await again.text(), "");
    }
    const other = await app.browser().fetch(path, { headers: { "if-none-match": '"x"' } });
    assertStrictEquals(other.status, 200);
    const bare = (text: string) => text.replace(/ nonce="[^"]*"/g, "");
    assertStrictEquals(bare(await other.text()), bare(html));
    const dark = app.browser();
    dark.cookies.set("theme", "dark");
    assertStrictEquals(
      (await dark.fetch(path, { headers: { "if-none-match": etag } })).status,
      200,
    );
  }));

Deno.test("a link is live while the run is, resumes by ID, and ends at once when revoked", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await owner.createTask({ processor: "ultra8x" });
    const path = await shareRun(owner, runId);
    const page = await stranger.fetch(path);
    assertStrictEquals(page.headers.get("etag"), null, "it changes by the second");
    assertMatch(await page.text(), new RegExp(`"?${path}/events`));
    const response = await stranger.fetch(`${path}/events`);
    const events = parseSSE(response)[Symbol.asyncIterator]();
    const first = await events.next();
    assertStrictEquals(first.value?.id, "1");
    const later = await stranger.fetch(`${path}/events`, { headers: { "last-event-id": "1" } });
    const rest = parseSSE(later)[Symbol.asyncIterator]();
    assertStrictEquals((await rest.next()).value?.id, "2");
    await rest.return?.();

    await owner.post(`/tasks/${runId}/unshare`, {});
    while (!(await events.next()).done);
    assertStrictEquals((await stranger.fetch(`${path}/events`)).status, 404);
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("streams per link are limited, with a message", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const path = await shareRun(owner, await owner.createTask({ processor: "ultra8x" }));
    const open = await stranger.fetch(`${path}/events`);
    const full = await stranger.fetch(`${path}/events`);
    assertStrictEquals(full.status, 429);
    assert(Number(full.headers.get("retry-after")) > 0);
    assertMatch(await full.text(), /Too many live streams/);
    await open.body?.cancel();
  }, { config: { sandboxSpeed: 1, streamLimit: 1 } }));

Deno.test("deleting a run ends its link, and restoring the run restores it", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await finished(owner);
    const path = await shareRun(owner, runId);
    await owner.post(`/tasks/${runId}/delete`, {});
    assertStrictEquals((await stranger.fetch(path)).status, 404);
    await owner.post(`/tasks/${runId}/undelete`, {});
    assertStrictEquals((await stranger.fetch(path)).status, 200);
  }));

Deno.test("links never appear in the log", () =>
  withApp(async (app) => {
    const owner = await signedIn(app);
    const path = await shareRun(owner, await finished(owner));
    await app.browser().fetch(path);
    await (await app.browser().fetch(`${path}/events`)).text();
    assert(app.lines.some((line) => line.includes("/s/…")));
    assert(!app.lines.some((line) => line.includes(path.slice(3))));
  }));

Deno.test("an invalid token gives no access", () =>
  withApp(async (app) => {
    for (const token of ["x", "a".repeat(43), "a".repeat(5_000), "%00"]) {
      assertStrictEquals(
        (await app.browser().fetch(`/s/${token}`)).status,
        404,
        token.slice(0, 50),
      );
    }
  }));
