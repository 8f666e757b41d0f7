import assert from "node:assert/strict";
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
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), `/tasks/${runId}#share`);
  const { share } = await (await browser.fetch(`/tasks/${runId}/result.json`)).json();
  assert.match(share.created_at, /^\d{4}-\d\d-\d\dT/);
  return new URL(share.url).pathname;
}

const signedIn = async (app: TestApp) => await app.browser().enterSandbox();

Deno.test("a link shows the run to anybody, says so to its owner, and is gone once revoked", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await finished(owner);
    const path = await shareRun(owner, runId);
    assert.match(path, /^\/s\/[\w-]{43}$/);
    assert.equal(await shareRun(owner, runId), path, "sharing again keeps the link");
    const own = await owner.text(`/tasks/${runId}`);
    assert.ok(own.includes(path) && own.includes("Anyone with the link can read"));
    const shared = await stranger.fetch(path);
    assert.equal(shared.status, 200);
    assert.match(await shared.text(), /id="result"/);

    assert.equal((await owner.post(`/tasks/${runId}/unshare`, {})).status, 303);
    assert.equal((await stranger.fetch(path)).status, 404);
    assert.equal((await stranger.fetch(`${path}/events`)).status, 404);
    const { share } = await (await owner.fetch(`/tasks/${runId}/result.json`)).json();
    assert.equal(share, null);
    assert.notEqual(await shareRun(owner, runId), path, "a new link is another one");
  }));

Deno.test("nobody shares or unshares what is not theirs", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), other = await signedIn(app);
    const runId = await finished(owner);
    const path = await shareRun(owner, runId);
    for (const action of ["share", "unshare"]) {
      assert.equal((await other.post(`/tasks/${runId}/${action}`, {})).status, 404);
      assert.equal((await app.browser().post(`/tasks/${runId}/${action}`, {})).status, 303);
      const forged = await owner.fetch(`/tasks/${runId}/${action}`, {
        method: "POST",
        headers: { "sec-fetch-site": "cross-site" },
      });
      assert.equal(forged.status, 403);
    }
    assert.equal((await app.browser().fetch(path)).status, 200);
  }));

Deno.test("neither page nor stream holds metadata, webhook, tool servers or keys", () =>
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
    assert.match(await owner.text(`/tasks/${runId}`), new RegExp(SECRET), "the owner sees them");
    const path = await shareRun(owner, runId);
    const page = await stranger.fetch(path);
    const html = await page.text();
    const leak = new RegExp(`.{0,80}(?:${SECRET}|hooks\\.example|mcp\\.example|sandbox-).{0,80}`);
    assert.equal(leak.exec(html)?.[0], undefined);
    const response = await stranger.fetch(`${path}/events`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const text = await response.text();
    assert.equal(leak.exec(text)?.[0], undefined);
    const shared = await Array.fromAsync(parseSSE(new Response(text)));
    const own = await owner.events(runId);
    assert.deepEqual(
      shared.map(({ id, event }) => [id, event]),
      own.map(({ id, event }) => [id, event]),
      "the ids and types are the owner's",
    );
    const done = await stranger.fetch(`${path}/events`, {
      headers: { "last-event-id": String(own.length) },
    });
    assert.equal(done.status, 204, "which stops an EventSource");
    assert.deepEqual(JSON.parse(shared.at(-1)!.data).output, JSON.parse(own.at(-1)!.data).output);
  }));

Deno.test("a shared page tells search engines to stay away and previews what it is about", () =>
  withApp(async (app) => {
    const owner = await signedIn(app);
    const path = await shareRun(owner, await finished(owner));
    const response = await app.browser().fetch(path);
    assert.equal(response.headers.get("x-robots-tag"), "noindex, nofollow");
    const html = await response.text();
    const meta = (name: string) =>
      new RegExp(`<meta (?:name|property)="${name}" content="([^"]*)"`).exec(html)?.[1];
    assert.equal(meta("robots"), "noindex, nofollow");
    assert.equal(meta("og:title"), "What is the tallest building in Lyon?");
    assert.match(meta("og:description") ?? "", /^Simulated\. .{20}/);
    assert.equal(meta("description"), meta("og:description"));
    assert.match(meta("og:url") ?? "", new RegExp(`${path}$`));
    assert.match(html, /<title>What is the tallest building in Lyon\? · Taskstream<\/title>/);
  }));

Deno.test("a finished page is confirmed with 304, whoever asks, and without another policy", () =>
  withApp(async (app) => {
    const owner = await signedIn(app);
    const path = await shareRun(owner, await finished(owner));
    const first = await app.browser().fetch(path);
    const etag = first.headers.get("etag") ?? "";
    assert.match(etag, /^W\/"[0-9a-f]+-[\w+/]{27}"$/);
    assert.equal(first.headers.get("cache-control"), "private, no-cache");
    assert.ok(first.headers.has("content-security-policy"));
    const html = await first.text();
    for (const tag of [etag, etag.slice(2), `"x", ${etag}`, "*"]) {
      const again = await owner.fetch(path, { headers: { "if-none-match": tag } });
      assert.equal(again.status, 304, tag);
      assert.equal(
        again.headers.get("content-security-policy"),
        null,
        "its scripts have the first one's nonce",
      );
      assert.equal(again.headers.get("etag"), etag);
      assert.equal(await again.text(), "");
    }
    const other = await app.browser().fetch(path, { headers: { "if-none-match": '"x"' } });
    assert.equal(other.status, 200);
    const bare = (text: string) => text.replace(/ nonce="[^"]*"/g, "");
    assert.equal(bare(await other.text()), bare(html));
    const dark = app.browser();
    dark.cookies.set("theme", "dark");
    assert.equal((await dark.fetch(path, { headers: { "if-none-match": etag } })).status, 200);
  }));

Deno.test("a link is live while the run is, resumes by id, and ends at once when revoked", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await owner.createTask({ processor: "ultra8x" });
    const path = await shareRun(owner, runId);
    const page = await stranger.fetch(path);
    assert.equal(page.headers.get("etag"), null, "it changes by the second");
    assert.match(await page.text(), new RegExp(`"?${path}/events`));
    const response = await stranger.fetch(`${path}/events`);
    const events = parseSSE(response)[Symbol.asyncIterator]();
    const first = await events.next();
    assert.equal(first.value?.id, "1");
    const later = await stranger.fetch(`${path}/events`, { headers: { "last-event-id": "1" } });
    const rest = parseSSE(later)[Symbol.asyncIterator]();
    assert.equal((await rest.next()).value?.id, "2");
    await rest.return?.();

    await owner.post(`/tasks/${runId}/unshare`, {});
    while (!(await events.next()).done);
    assert.equal((await stranger.fetch(`${path}/events`)).status, 404);
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("a link has so many streams and no more, in words", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const path = await shareRun(owner, await owner.createTask({ processor: "ultra8x" }));
    const open = await stranger.fetch(`${path}/events`);
    const full = await stranger.fetch(`${path}/events`);
    assert.equal(full.status, 429);
    assert.ok(Number(full.headers.get("retry-after")) > 0);
    assert.match(await full.text(), /Too many live streams/);
    await open.body?.cancel();
  }, { config: { sandboxSpeed: 1, streamLimit: 1 } }));

Deno.test("deleting a run ends its link, undoing that brings it back", () =>
  withApp(async (app) => {
    const owner = await signedIn(app), stranger = app.browser();
    const runId = await finished(owner);
    const path = await shareRun(owner, runId);
    await owner.post(`/tasks/${runId}/delete`, {});
    assert.equal((await stranger.fetch(path)).status, 404);
    await owner.post(`/tasks/${runId}/undelete`, {});
    assert.equal((await stranger.fetch(path)).status, 200);
  }));

Deno.test("a link stands in no log line", () =>
  withApp(async (app) => {
    const owner = await signedIn(app);
    const path = await shareRun(owner, await finished(owner));
    await app.browser().fetch(path);
    await (await app.browser().fetch(`${path}/events`)).text();
    assert.ok(app.lines.some((line) => line.includes("/s/…")));
    assert.ok(!app.lines.some((line) => line.includes(path.slice(3))));
  }));

Deno.test("what is no token leads nowhere", () =>
  withApp(async (app) => {
    for (const token of ["x", "a".repeat(43), "a".repeat(5_000), "%00"]) {
      assert.equal((await app.browser().fetch(`/s/${token}`)).status, 404, token.slice(0, 50));
    }
  }));
