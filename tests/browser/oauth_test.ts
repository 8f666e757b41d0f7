/** Signing in with Parallel in real Chromium, through a complete simulated provider. */
import { assert, assertEquals, assertNotMatch, assertStrictEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { SandboxServer } from "../process/sandbox_server.ts";
import { Server } from "../process/server.ts";
import { choose, finished, submit } from "./steps.ts";

/** The app, with all that is Parallel's on this machine. */
class Stage {
  readonly server: Server;
  readonly provider: SandboxServer;

  private constructor(server: Server, provider: SandboxServer) {
    this.server = server;
    this.provider = provider;
  }

  static async open(): Promise<Stage> {
    const provider = await SandboxServer.start({ SANDBOX_SPEED: "20" });
    const server = await Server.start({
      PARALLEL_API_URL: provider.url,
      PARALLEL_PLATFORM_URL: provider.url,
    });
    return new Stage(server, provider);
  }

  get url(): string {
    return this.server.url;
  }

  /** From the front page to the provider's. */
  async ask(page: Page, path = "/"): Promise<void> {
    await page.goto(this.url + path);
    await page.getByRole("link", { name: "Sign in with Parallel" }).click();
    await page.waitForURL(`${this.provider.url}/getKeys/authorize?**`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.provider.stop();
  }
}

const allow = (page: Page) => page.getByRole("button", { name: "Allow" }).click();
/** Waits until the page has this headline: that of the page before may still be there. */
const heading = (page: Page, name: string | RegExp) =>
  page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const sessionsOf = async (context: BrowserContext) =>
  (await context.cookies()).map(({ name }) => name).filter((name) => name.startsWith("taskstream"));

browserTest(
  "consent signs in, and the key runs tasks without reaching the browser",
  async ({ page, context }) => {
    await using stage = await Stage.open();
    const seen: string[] = [];
    page.on("request", (request) => {
      seen.push(request.url());
      if (request.url().startsWith(stage.url)) seen.push(JSON.stringify(request.headers()));
    });
    await stage.ask(page, "/tasks");
    await heading(page, /127\.0\.0\.1:\d+ asks for an API key/);
    await allow(page);
    await page.waitForURL(`${stage.url}/tasks`);
    assertEquals(await sessionsOf(context), ["taskstream"]);

    await page.goto(stage.url);
    await page.locator('textarea[name="input"]').fill("Who built the Eiffel Tower?");
    await choose(page, "lite");
    await submit(page);
    await page.waitForURL(/\/tasks\/trun_/);
    await finished(page);
    assertStrictEquals(await page.locator(".tape").count(), 0, "a real key to this app");

    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])
    );
    seen.push(stored, await page.content(), JSON.stringify(await context.cookies()));
    for (const text of seen) assertNotMatch(text, /sk-sim-/);
  },
);

browserTest("the same works with JavaScript off", async ({ page }) => {
  await using stage = await Stage.open();
  await stage.ask(page);
  await allow(page);
  await page.locator('textarea[name="input"]').waitFor();
}, { javaScriptEnabled: false });

browserTest(
  "denied consent, a failing provider and a reloaded callback each get a page",
  async ({ page, context }) => {
    await using stage = await Stage.open();
    await stage.ask(page);
    await page.getByRole("button", { name: "Deny" }).click();
    await page.waitForURL(`${stage.url}/auth/callback?**`);
    await heading(page, "Access was not granted");
    assertEquals(await sessionsOf(context), []);

    await page.getByRole("link", { name: "Sign in with Parallel" }).click();
    await page.getByText("Make something go wrong").click();
    await page.getByLabel("What happens after").selectOption("token-500");
    await allow(page);
    await page.waitForURL(`${stage.url}/auth/callback?**`);
    await heading(page, /an invalid response/);

    await page.getByRole("link", { name: "Sign in with Parallel" }).click();
    const callback = page.waitForRequest(`${stage.url}/auth/callback?**`);
    await allow(page);
    await page.locator('textarea[name="input"]').waitFor();
    const { status } = await page.goto((await callback).url()).then((answer) => ({
      status: answer?.status(),
    }));
    assertStrictEquals(status, 400);
    await heading(page, "This sign-in is already over");
    await page.getByRole("link", { name: "Your tasks" }).click();
    await page.waitForURL(`${stage.url}/tasks`);

    await page.getByText(/^key/).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await stage.provider.stop();
    await page.getByRole("link", { name: "Sign in with Parallel" }).click();
    await heading(page, /cannot be reached/);
    await page.getByRole("link", { name: "Other ways in" }).waitFor();
  },
  { allowProblems: true },
);

browserTest(
  "two tabs can sign in at the same time, and another browser cannot finish for them",
  async ({ context, newContext }) => {
    await using stage = await Stage.open();
    const [one, two] = [await context.newPage(), await context.newPage()];
    await stage.ask(one, "/?next=%2Ftasks%3Fq%3Done");
    await stage.ask(two, "/?next=%2Ftasks%3Fq%3Dtwo");
    const stranger = await (await newContext()).newPage();
    await stage.ask(stranger);

    // The stranger's answer, carried to this browser: the way of somebody who wants us in their account.
    const answer = await stranger.request.post(`${stage.provider.url}/getKeys/authorize`, {
      form: {
        ticket: await stranger.locator('[name="ticket"]').inputValue(),
        key: "new",
        decision: "allow",
      },
      maxRedirects: 0,
    });
    const callback = answer.headers().location!;
    const lure = await context.newPage();
    await lure.goto(callback);
    await heading(lure, /another browser/);
    assert(!(await sessionsOf(context)).includes("taskstream"));

    await allow(two);
    await two.waitForURL(`${stage.url}/tasks?q=two`);
    await allow(one);
    await one.waitForURL(`${stage.url}/tasks?q=one`);
    assertEquals(await sessionsOf(context), ["taskstream"]);
  },
  { allowProblems: true },
);
