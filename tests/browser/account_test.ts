/** The account page in real Chromium without JavaScript: keys, sessions, webhook secret, deletion. */
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { SandboxServer } from "../process/sandbox_server.ts";
import { Server } from "../process/server.ts";

const SECOND = `sk-sim-${"5".repeat(32)}`;

/** Signs in with Parallel from the page one is on. */
async function signIn(page: Page, key: "My first key"): Promise<void> {
  await page.getByRole("link", { name: "Sign in with Parallel" }).click();
  await page.getByText(key).click();
  await page.getByRole("button", { name: "Allow" }).click();
}

browserTest(
  "a key is added after confirmation, sessions end, a secret is stored, and the account can be deleted",
  async ({ page, newContext }) => {
    await using provider = await SandboxServer.start({ SANDBOX_SPEED: "20" });
    await using server = await Server.start({
      PARALLEL_API_URL: provider.url,
      PARALLEL_PLATFORM_URL: provider.url,
    });
    await page.goto(server.url);
    await signIn(page, "My first key");
    await page.locator('textarea[name="input"]').fill("Who built the Eiffel Tower?");
    await page.locator('.send button[type="submit"]').first().click();
    await page.waitForURL(/\/tasks\/trun_/);

    // By keyboard, from the header's menu.
    await page.locator("header .menu summary").press("Enter");
    await page.getByRole("link", { name: "Account", exact: true }).press("Enter");
    await page.waitForURL(`${server.url}/account`);
    await page.getByText("Add another key").press("Enter");
    await page.getByLabel("API key").fill(SECOND);
    await page.getByRole("button", { name: "Continue" }).press("Enter");
    await page.getByRole("heading", { name: /^Add key/ }).waitFor();
    // Who will see what.
    await page.getByText("1 task", { exact: true }).waitFor();
    await page.getByLabel("I trust everyone").press("Space");
    await page.getByRole("button", { name: "Add the key" }).press("Enter");
    await page.getByText("The key is added").waitFor();
    await page.getByRole("heading", { name: "2 keys" }).waitFor();
    // One history for both.
    await page.getByRole("link", { name: "1 run" }).waitFor();

    const other = await newContext({ javaScriptEnabled: false });
    const elsewhere = await other.newPage();
    await elsewhere.goto(server.url);
    await signIn(elsewhere, "My first key");
    await elsewhere.locator('textarea[name="input"]').waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "2 sessions" }).waitFor();
    await page.getByRole("button", { name: "End all other sessions" }).press("Enter");
    await page.getByText("All other sessions have ended").waitFor();
    await elsewhere.goto(`${server.url}/tasks`);
    await elsewhere.waitForURL(`${server.url}/?next=%2Ftasks`);

    await page.getByLabel("Webhook secret").fill("whsec_MfKQ9r8GKYqrTwjUPD8ILPZI");
    await page.getByLabel("Webhook secret").press("Enter");
    await page.getByText("The webhook secret is saved").waitFor();
    await page.getByRole("button", { name: "Remove the secret" }).click();
    await page.getByText("The webhook secret is removed").waitFor();

    await page.getByRole("link", { name: "Delete everything" }).click();
    await page.getByLabel("I understand").check();
    await page.getByRole("button", { name: "Delete everything" }).click();
    await page.getByText("1 run, 2 keys and 1 session are deleted").waitFor();
    await page.goto(server.url);
    await signIn(page, "My first key");
    await page.locator('textarea[name="input"]').waitFor();
    await page.goto(`${server.url}/account`);
    await page.getByRole("link", { name: "0 runs" }).waitFor();
  },
  // The question about a key is a 422: nothing was done yet.
  { javaScriptEnabled: false, viewport: { width: 360, height: 740 }, allowProblems: true },
);
