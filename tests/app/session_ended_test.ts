/** If a session ends before the submit, no typed text is lost, with or without JavaScript. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { type FormSender, ParkedForms } from "../../lib/accounts/parked.ts";
import { emptyForm } from "../../lib/tasks/fields/mod.ts";
import { Committer } from "../../lib/store/committer.ts";
import { FORM, type TestBrowser, withApp } from "./test_app.ts";

const TYPED: Readonly<Record<string, string>> = {
  ...FORM,
  input: `Welche Flüsse? ${"河".repeat(20_000)}`,
  processor: "ultra-fast",
  metadata: '{"id": 1234567890123456789}',
  webhook_url: "https://hooks.example.com/x",
  mcp_servers: '[{"name":"d","url":"https://d.example.com","headers":{"k":"Bearer canary"}}]',
};

/** Sends a form without a session and signs in where the answer leads, as a person would. */
async function sendAndSignIn(
  browser: TestBrowser,
  fields: Readonly<Record<string, string>>,
  signIn: (next: string) => Promise<Response>,
): Promise<{ front: string; page: string }> {
  const answer = await browser.post("/tasks", fields);
  assertStrictEquals(answer.status, 303);
  for (const cookie of answer.headers.getSetCookie()) assertMatch(cookie, /HttpOnly/);
  const front = await browser.text(answer.headers.get("location") ?? "");
  const next = /action="\/auth\/key".*?name="next" value="([^"]*)"/s.exec(front)?.[1]?.replaceAll(
    "&amp;",
    "&",
  ) ?? "";
  const entered = await signIn(next);
  assertStrictEquals(entered.status, 303);
  const page = await browser.text(entered.headers.get("location") ?? "");
  return { front, page };
}

Deno.test("a form sent after the session ended is restored after signing in", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await browser.post("/auth/logout", {});
    const { front, page } = await sendAndSignIn(
      browser,
      TYPED,
      (next) => browser.post("/auth/sandbox", { next }),
    );
    assertMatch(front, /Your session has ended, so nothing was sent/);
    assertMatch(page, /Your task is back/);
    assert(page.includes(TYPED.input ?? "?"));
    assertMatch(page, /value="ultra" checked/);
    assertMatch(page, /name="fast" checked/);
    assertMatch(page, /1234567890123456789/);
    assertMatch(page, /hooks\.example\.com/);
    assertMatch(page, /enter them again/);
    assertNotMatch(page, /canary/);
  }));

Deno.test("a form is kept even if its key is rejected at first", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const { page } = await sendAndSignIn(
      browser,
      { ...FORM, input: "Kept?" },
      async (next) => {
        const refused = await browser.post("/auth/key", { api_key: "x", next });
        const again = await browser.text(refused.headers.get("location") ?? "");
        assertMatch(again, /action="\/auth\/key".*?name="next" value="\/\?kept=1"/s);
        return await browser.post("/auth/sandbox", { next });
      },
    );
    assertMatch(page, />\n?Kept\?</);
  }));

Deno.test("a kept form opens only in the browser that sent it, and cannot be linked to", () =>
  withApp(async (app) => {
    await app.browser().post("/tasks", { ...FORM, input: "Mine" });
    const other = await app.browser().enterSandbox();
    const page = await other.text("/?kept=1");
    assertNotMatch(page, /Mine/);
    assertMatch(page, /is no longer stored/);
  }));

Deno.test("a kept form belongs to the first account that sees it, until it signs out", async (t) => {
  const next: Record<string, (browser: TestBrowser) => Promise<unknown>> = {
    "signed in with another key": () => Promise.resolve(),
    "signed out": (browser) => browser.post("/auth/logout", {}),
    "account deleted": (browser) => browser.post("/account/delete", { confirm: "yes" }),
  };
  for (const [how, leave] of Object.entries(next)) {
    await t.step(how, () =>
      withApp(async (app) => {
        const browser = app.browser();
        const key = "sandbox-types-something";
        const { page } = await sendAndSignIn(
          browser,
          { ...FORM, input: "Mine alone" },
          (next) => browser.post("/auth/key", { api_key: key, next }),
        );
        assertMatch(page, /Mine alone/);
        assertMatch(await browser.text("/?kept=1"), /Mine alone/, "as often as one likes");
        await leave(browser);
        await browser.enterKey("sandbox-of-somebody-else");
        assertNotMatch(await browser.text("/?kept=1"), /Mine alone/);
      }));
  }
});

Deno.test("a form larger than any task is not kept, and the page says what to do", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const answer = await browser.post("/tasks", { ...FORM, input: "x".repeat(300_000) });
    const front = await browser.text(answer.headers.get("location") ?? "");
    assertMatch(front, /too long to save/);
  }));

/** A form of three parts, and one of a single part. */
const PARKED = { ...emptyForm(), input: "x".repeat(100_000) };
const SHORT = { ...emptyForm(), input: "x" };

async function withForms(
  test: (forms: ParkedForms, kv: Deno.Kv) => Promise<void>,
): Promise<void> {
  using kv = await Deno.openKv(":memory:");
  let now = 0;
  const keyring = await Keyring.from(["a secret of 32 characters, or more"]);
  await test(new ParkedForms(kv, new Committer(kv), keyring, () => now++), kv);
}

Deno.test("the number of kept forms is limited", () =>
  withForms(async (forms, kv) => {
    for (let n = 0; n < 150; n++) {
      await forms.park(PARKED, { client: `192.0.2.${n}`, network: null });
    }
    const kept = await Array.fromAsync(kv.list({ prefix: ["parked"] }));
    assertStrictEquals(kept.filter(({ key }) => key[1] === "slot").length, 64);
    assertStrictEquals(kept.filter(({ key }) => key[1] === "part").length, 64 * 3);
  }));

Deno.test("one sender's junk replaces no other sender's forms, even from many addresses", async (t) => {
  const senders: Record<string, (n: number) => FormSender> = {
    "an address": () => ({ client: "192.0.2.1", network: null }),
    "the networks of one /48": (n) => ({
      client: `2001:db8:0:${n.toString(16)}::/64`,
      network: "2001:db8::/48",
    }),
    "two addresses": (n) => ({ client: `192.0.2.${n % 2}`, network: null }),
  };
  for (const [what, senderOf] of Object.entries(senders)) {
    await t.step(what, () =>
      withForms(async (forms) => {
        const person = { client: "198.51.100.7", network: null };
        const id = (await forms.park(SHORT, person))!;
        for (let n = 0; n < 100; n++) await forms.park(SHORT, senderOf(n));
        const late = (await forms.park(SHORT, { client: "2001:db8:1::/64", network: "x" }))!;
        for (let n = 0; n < 100; n++) await forms.park(SHORT, senderOf(n));
        assertEquals(await forms.find(id, "account"), SHORT);
        assertEquals(
          await forms.find(late, "account"),
          SHORT,
          "sent while there was no free slot",
        );
      }));
  }
});

Deno.test("the oldest form is dropped if every sender has only one", () =>
  withForms(async (forms) => {
    const ids: string[] = [];
    for (let n = 0; n < 66; n++) {
      ids.push((await forms.park(SHORT, { client: `192.0.2.${n}`, network: null }))!);
    }
    const found = await Promise.all(ids.map((id) => forms.find(id, "account")));
    assertEquals(found.flatMap((form, n) => form === null ? [n] : []), [0, 1]);
  }));

Deno.test("a client keeps its own newest forms", () =>
  withForms(async (forms) => {
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) {
      ids.push((await forms.park(SHORT, { client: "192.0.2.1", network: null }))!);
    }
    const found = await Promise.all(ids.map((id) => forms.find(id, "account")));
    assertEquals(found.map((form) => form !== null), [false, false, true, true, true, true]);
  }));

Deno.test("forms without a session are limited like sign-in attempts", () =>
  withApp(async (app) => {
    const browser = app.browser();
    for (let n = 0; n < 3; n++) {
      assertStrictEquals((await browser.post("/tasks", FORM)).status, 303);
    }
    const refused = await browser.post("/tasks", FORM);
    assertStrictEquals(refused.status, 429);
    assertMatch(await refused.text(), /Go back in your browser/);
  }, { config: { signinLimitPerMinute: 3 } }));
