/** Rotating SESSION_SECRET: sessions end at the latest with the secret that signed them, histories never. */
import { assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { TestApp, type TestBrowser } from "../app/test_app.ts";

const OLD = "o".repeat(32);
const NEW = "n".repeat(32);
const KEY = "sandbox-of-a-rotation";
const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** Runs a part of the story on one database with some secrets, newest first. */
async function withSecrets(
  kvPath: string,
  sessionSecrets: readonly string[],
  part: (app: TestApp) => Promise<void>,
): Promise<void> {
  const app = await TestApp.start({ config: { kvPath, sessionSecrets } });
  try {
    await part(app);
  } finally {
    await app.close();
  }
}

/** A browser of another app with the same cookies. */
function again(app: TestApp, browser: TestBrowser): TestBrowser {
  const same = app.browser();
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  return same;
}

const statusOf = async (browser: TestBrowser, path: string) => (await browser.fetch(path)).status;

Deno.test("rotating the secret keeps sessions, dropping a secret ends its sessions, and histories survive", async () => {
  const folder = await Deno.makeTempDir();
  const kvPath = join(folder, "kv.db");
  let before: TestBrowser | undefined, after: TestBrowser | undefined;
  let task = "", account = "";
  try {
    await withSecrets(kvPath, [OLD], async (app) => {
      before = await app.browser().enterKey(KEY);
      const runId = await before.createTask();
      await before.events(runId);
      task = `/tasks/${runId}`;
      await before.post("/account/webhook", { webhook_secret: WEBHOOK_SECRET });
      account = (await app.services.sessions.find(before.cookies.get("taskstream")!))!.account;
    });
    await withSecrets(kvPath, [NEW, OLD], async (app) => {
      assertStrictEquals(await statusOf(again(app, before!), task), 200, "the old session goes on");
      after = await app.browser().enterKey(KEY);
      assertStrictEquals(await statusOf(after, task), 200);
      assertStrictEquals(await app.services.webhookSecrets.get(account), WEBHOOK_SECRET);
    });
    await withSecrets(kvPath, [NEW], async (app) => {
      assertStrictEquals(
        await statusOf(again(app, before!), task),
        303,
        "signed with what is gone",
      );
      assertStrictEquals(await statusOf(again(app, after!), task), 200);
      assertStrictEquals(await statusOf(await app.browser().enterKey(KEY), task), 200);
      assertStrictEquals(
        await app.services.webhookSecrets.get(account),
        WEBHOOK_SECRET,
        "sealed anew",
      );
    });
    await withSecrets(kvPath, ["x".repeat(32)], async (app) => {
      assertStrictEquals(await statusOf(again(app, after!), task), 303);
      assertStrictEquals(
        await statusOf(await app.browser().enterKey(KEY), task),
        200,
        "a secret that is changed and not rotated costs the sessions, never the history",
      );
      assertStrictEquals(await app.services.webhookSecrets.get(account), null);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
