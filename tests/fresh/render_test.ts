/** The conformance kit, 2: heads, policies, static files. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { ask } from "./site_app.ts";

const nonceOf = (response: Response) =>
  /script-src 'nonce-([\w+/=-]{16,})' 'strict-dynamic'/.exec(
    response.headers.get("content-security-policy") ?? "",
  )?.[1];

Deno.test("Head replaces the app's title, adds new elements, and leaves a drawing's keyed title unchanged", async () => {
  const html = await (await ask("/head")).text();
  const [, head = ""] = /<head>([\s\S]*)<\/head>/.exec(html) ?? [];
  assertEquals([...head.matchAll(/<title[^>]*>([^<]*)</g)].map(([, text]) => text), ["The page"]);
  assertMatch(head, /<meta name="robots" content="noindex"/);
  assertMatch(head, /<noscript><meta http-equiv="refresh" content="9"\/?><\/noscript>/);
  assertMatch(html, /<svg[^>]*><title[^>]*>The drawing<\/title>/);
});

for (const path of ["/", "/islands", "/confirmed", "/nowhere", "/items/missing"]) {
  Deno.test(`${path}: every script has the policy's nonce, which is new each time`, async () => {
    const first = await ask(path);
    const nonce = nonceOf(first);
    assert(nonce !== undefined, first.headers.get("content-security-policy") ?? "no policy");
    const tags = (await first.text()).match(/<(?:script|style)[^>]*>/g) ?? [];
    assert(tags.length > 0);
    for (const tag of tags) assertMatch(tag, new RegExp(`nonce="${nonce}"`));
    const second = await ask(path);
    await second.body?.cancel();
    assert(nonceOf(second) !== nonce);
  });
}

Deno.test("unrendered responses have the policy without a predictable nonce", async () => {
  for (const path of ["/hello/x", "/files/a"]) {
    const response = await ask(path);
    const policy = response.headers.get("content-security-policy") ?? "";
    assertMatch(policy, /default-src 'none'/);
    assertNotMatch(policy, /nonce-/);
    await response.body?.cancel();
  }
});

Deno.test("only asset() URLs may be cached forever", async () => {
  const html = await (await ask("/")).text();
  const href = /<link rel="stylesheet" href="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  assert(href !== undefined);
  const kept = await ask(href);
  assertEquals(kept.status, 200);
  assertMatch(kept.headers.get("content-type") ?? "", /^text\/css/);
  assertMatch(kept.headers.get("cache-control") ?? "", /immutable/);
  assertMatch(await kept.text(), /rebeccapurple/);
  const plain = await ask("/style.css");
  assertNotMatch(plain.headers.get("cache-control") ?? "", /immutable/);
  await plain.body?.cancel();
  const stale = await ask("/style.css?__frsh_c=stale");
  assertEquals([stale.status, stale.headers.get("location")], [307, "/style.css"]);
  const posted = await ask("/style.css", { method: "POST" });
  assertEquals(posted.status, 405);
  await posted.body?.cancel();
  const none = await ask("/none.css");
  assertEquals(none.status, 404);
  await none.body?.cancel();
});

Deno.test("a page without islands loads none of the framework's scripts", async () => {
  const html = await (await ask("/")).text();
  assertEquals((html.match(/<script/g) ?? []).length, 1);
  assertMatch(html, /<script[^>]* src="\/page\.js/);
});
