/** Islands in a real browser: hydrating what the server rendered. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { App, csp, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import type { Page } from "playwright-core";
import { browserTest } from "../../browser_launch.ts";
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

async function serverOf(name: string) {
  const attach = await new Builder({ root: fixture(name) }).build({ snapshot: "memory" });
  const app = new App().use(STRICT).use(staticFiles()).fsRoutes();
  attach(app);
  return app.handler();
}

/** Opens a page and waits until its scripts have run. */
async function open(page: Page, url: string): Promise<string[]> {
  const scripts: string[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith(".js")) scripts.push(new URL(response.url()).pathname);
  });
  await page.goto(url, { waitUntil: "networkidle" });
  return scripts;
}

browserTest(
  "two islands given one signal count together, on the server's nodes",
  async ({ page }) => {
    await withServer(await serverOf("site"), async (origin) => {
      const before = page.locator("#left");
      await open(page, origin);
      const node = await before.elementHandle();
      await page.locator("#left").click();
      await page.locator("#right").click();
      await page.getByText("right: 5").waitFor();
      await page.locator("#left", { hasText: /^left: 5$/ }).waitFor();
      assertStrictEquals(await node?.evaluate((element) => element.isConnected), true);
    });
  },
);

browserTest(
  "a page without signals does not load them, and loads each chunk once",
  async ({ page }) => {
    await withServer(await serverOf("site"), async (origin) => {
      const scripts = await open(page, `${origin}/plain`);
      await page.locator("#plain").click();
      await page.getByText("plain 2").waitFor();
      assertStrictEquals(new Set(scripts).size, scripts.length);
      assert(!scripts.some((name) => name.includes("signals")), scripts.join());
      const preloaded = await page.locator("link[rel=modulepreload], script[type=module]")
        .evaluateAll(
          (tags) => tags.map((tag) => tag.getAttribute("href") ?? tag.getAttribute("src")),
        );
      // Exactly what was needed was announced.
      assertEquals([...scripts].sort(), preloaded.sort());
    });
  },
);

browserTest("props reach the browser unchanged", async ({ page }) => {
  await withServer(await serverOf("zoo"), async (origin) => {
    await open(page, `${origin}/values`);
    await page.getByText("1970").waitFor();
    assertStrictEquals(
      await page.locator("#show").textContent(),
      "1970-01-01T00:00:00.000Z x.example v 2 9007199254740994 true true",
    );
  });
});

browserTest("an island among table rows grows in place", async ({ page }) => {
  await withServer(await serverOf("zoo"), async (origin) => {
    await open(page, `${origin}/rows`);
    await page.locator("#add").click();
    await page.locator("#add").click();
    await page.locator("#last").waitFor();
    const rows = await page.locator("tr").allTextContents();
    assertEquals(rows, ["before", "row 1", "row 2", "row 3", "add", "3 rows", "after"]);
  });
});

browserTest("an island that breaks leaves the others running", async ({ page, problems }) => {
  await withServer(await serverOf("zoo"), async (origin) => {
    await open(page, `${origin}/broken`);
    await page.locator(".inner").click();
    await page.getByText("after on").waitFor();
    assert(problems.some((problem) => problem.includes("broken on purpose")), problems.join());
  });
}, { allowProblems: true });

browserTest("an island inside an island hydrates with it", async ({ page }) => {
  await withServer(await serverOf("zoo"), async (origin) => {
    await open(page, `${origin}/nested`);
    await page.locator("#outer .inner").click();
    await page.getByText("first inside on").waitFor();
    await page.getByText("second off").click();
    await page.getByText("second on").waitFor();
  });
});

browserTest(
  "Head in an island follows its signals; assets have one URL on both sides",
  async ({ page }) => {
    await withServer(await serverOf("zoo"), async (origin) => {
      await open(page, `${origin}/titled`);
      assertStrictEquals(await page.title(), "count 0");
      await page.locator("#title").click();
      await page.waitForFunction(() => document.title === "count 1");
      await page.locator('meta[name=description][content="about 1"]').waitFor({
        state: "attached",
      });
      assertStrictEquals(await page.locator("meta[name=description]").count(), 1);
      const url = await page.locator("#asset").textContent();
      assertMatch(url ?? "", /^\/dot\.svg\?__frsh_c=/);
      assertStrictEquals(await page.locator("#late").getAttribute("src"), url);
    });
  },
);

browserTest("without JavaScript the page is complete", async ({ page }) => {
  await withServer(await serverOf("site"), async (origin) => {
    await page.goto(origin);
    assertStrictEquals(await page.locator("#left").textContent(), "left: 3");
  });
}, { javaScriptEnabled: false });

Deno.test("a prop that cannot be serialized gives an error that names island and prop", async () => {
  const attach = await new Builder({ root: fixture("zoo") }).build({ snapshot: "memory" });
  let message = "";
  const app = new App()
    .onError("*", (ctx) => {
      message = String(ctx.error);
      return ctx.text("", { status: 500 });
    })
    .fsRoutes();
  attach(app);
  const response = await app.handler()(new Request("http://localhost/refused"));
  assertStrictEquals(response.status, 500);
  assertMatch(message, /Island prop Show\.value\.list\[0\] is a function/);
});
