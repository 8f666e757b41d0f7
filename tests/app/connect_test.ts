/** /connect: how programs and agents use this server. */
import { assertMatch, assertNotMatch } from "@std/assert";
import { ORIGIN, withApp } from "./test_app.ts";

Deno.test("programs and agents find the server's addresses and examples, with a sandbox key in the sandbox only", () =>
  withApp(async (app) => {
    for (const browser of [app.browser(), await app.browser().enterSandbox()]) {
      const html = await browser.text("/connect");
      assertMatch(html, new RegExp(`<code>${ORIGIN}/api</code>`));
      assertMatch(html, new RegExp(`<code>${ORIGIN}/mcp</code>`));
      assertMatch(html, /Bearer sandbox-demo/);
    }
    const browser = await app.browser().enterKey();
    const html = await browser.text("/connect");
    assertNotMatch(html, /sandbox-demo/);
    assertMatch(html, /x-api-key: \$PARALLEL_API_KEY/);
    assertMatch(await browser.text("/"), /href="\/connect"/);
  }, { api: () => Response.json({ error: { message: "Run id not found" } }, { status: 404 }) }));
