/** The conformance kit, 3: islands, in a browser. */
import { assertEquals, assertMatch } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { ask, siteHandler } from "./site_app.ts";

async function withSite(run: (origin: string) => Promise<void>): Promise<void> {
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(options, await siteHandler());
  try {
    await run(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

const DATA = JSON.stringify(['</script>"é', null, [1, [2]], 0, [["a", 1]]]);

Deno.test("islands are in the page before any script runs", async () => {
  const html = await (await ask("/islands")).text();
  assertMatch(html, /<button[^>]*>2<\/button>/);
  assertMatch(html, /<input[^>]*name="b"[^>]*checked/);
});

browserTest(
  "islands start with any props",
  ({ page }) =>
    withSite(async (origin) => {
      // The site's policy upgrades requests, which browsers do not for loopback addresses.
      await page.goto(`${origin}/islands`);
      await page.locator('#counter[data-awake="yes"]').waitFor();
      assertEquals(await page.locator("#counter output").innerText(), DATA);
      assertEquals(await page.locator("#counter i").innerText(), "browser");
      const script = await page.locator("#counter a").getAttribute("href");
      assertEquals((await page.request.get(origin + script)).status(), 200);
      await page.locator("#counter button").click();
      await page.locator("#counter button").click();
      await page.locator("#counter button", { hasText: /^4$/ }).waitFor();
      await page.locator("#named").click();
      await page.locator("#named", { hasText: "named 1" }).waitFor();
    }),
);

browserTest(
  "hydrating an island keeps its elements and ticked boxes",
  ({ page }) =>
    withSite(async (origin) => {
      await page.addInitScript(() => {
        const seen: Element[] = [];
        Object.assign(globalThis, { seen });
        addEventListener(
          "DOMContentLoaded",
          () => seen.push(...document.querySelectorAll("input")),
        );
      });
      await page.goto(`${origin}/islands`);
      await page.locator("#boxes output", { hasText: "1 ticked" }).waitFor();
      const kept = await page.evaluate(() => {
        const { seen } = globalThis as unknown as { seen: Element[] };
        return [...document.querySelectorAll("input")].every((input, at) => input === seen[at]);
      });
      assertEquals(kept, true);
      await page.locator('[name="a"]').check();
      await page.locator("#boxes output", { hasText: "2 ticked" }).waitFor();
      assertEquals(
        await page.locator("input:checked").count(),
        2,
        "rendering again changes no tick",
      );
    }),
);
