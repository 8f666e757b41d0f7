/**
 * Islands in a real browser: what the server rendered comes alive.
 */
import assert from "node:assert/strict";
import { App, csp, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import { browserTest } from "../browser_launch.ts";
import { fixture, withServer } from "./support/serve.ts";

const STRICT = csp({
  useNonce: true,
  csp: [
    "default-src 'none'",
    "script-src 'unsafe-inline' 'strict-dynamic'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
  ],
});

async function siteHandler() {
  const attach = await new Builder({ root: fixture("site") }).build({ snapshot: "memory" });
  const app = new App().use(STRICT).use(staticFiles()).fsRoutes();
  attach(app);
  return app.handler();
}

browserTest("two islands given one signal count together", async ({ page }) => {
  await withServer(await siteHandler(), async (origin) => {
    await page.goto(origin);
    const left = page.locator("#left"), right = page.locator("#right");
    const before = await left.elementHandle();
    await page.waitForFunction(() => performance.getEntriesByType("resource").length > 5);
    await left.click();
    await right.click();
    await right.getByText("right: 5").waitFor();
    assert.equal(await left.textContent(), "left: 5");
    // Hydration kept the server's node.
    assert.equal(await before?.evaluate((node) => node.isConnected), true);
  });
});
