/** Deleting an account removes all of its data and nothing of other accounts. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { Accounts } from "../../lib/accounts/accounts.ts";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { ParkedForms } from "../../lib/accounts/parked.ts";
import { AccountRemoval } from "../../lib/accounts/removal.ts";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { SignIn } from "../../lib/accounts/sign_in.ts";
import { WebhookSecrets } from "../../lib/accounts/webhook_secret.ts";
import { forgetAccount } from "../../lib/notify/store.ts";
import { Committer } from "../../lib/store/committer.ts";
import { removeAllRuns } from "../../lib/runs/life/remove_all.ts";
import { readLine } from "../../lib/transfer/format.ts";
import { dyingAt } from "../runs/store_tools.ts";
import { FORM, type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";
import { errorJson, runJson } from "../proxy/proxy_app.ts";

async function accountOf(app: TestApp, browser: TestBrowser): Promise<string> {
  return (await app.services.sessions.find(browser.cookies.get("taskstream")!))!.account;
}

/** Every entry of the store as text, but those that are gone within a minute. */
async function entries(app: TestApp): Promise<string[]> {
  const found = await Array.fromAsync(app.services.kv.list({ prefix: [] }));
  // A bucket of a limit expires by itself, once it is full again.
  return found.filter(({ key }) => key[0] !== "limit").map(({ key, value }) =>
    Deno.inspect([key, value], { depth: 10, strAbbreviateSize: 1e6, iterableLimit: 1e6 })
  );
}

Deno.test("a confirmed deletion removes every entry that names the account or its runs", () => {
  // Runs go on by themselves, and time can be skipped.
  const clock = { ahead: 0 };
  return withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const account = await accountOf(app, browser);
    const runIds = [await browser.createTask(), await browser.createTask({ input: "Another" })];
    for (const runId of runIds) await browser.events(runId);
    // One that the person deleted a while ago, one a moment ago, and one that still runs.
    const gone = await browser.createTask({ input: "Deleted long ago" });
    await browser.events(gone);
    await browser.post(`/tasks/${gone}/delete`, {});
    clock.ahead += 11 * 60_000;
    await app.services.sweep();
    const undoable = await browser.createTask({ input: "Deleted a moment ago" });
    await browser.events(undoable);
    await browser.post(`/tasks/${undoable}/delete`, {});
    const active = await browser.createTask({
      input: "Still running",
      metadata: '{"sandbox_seconds": 86400}',
    });
    await browser.post("/account/webhook", { webhook_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI" });
    await app.services.histories.budgets.set(account, 5);
    const device = app.browser();
    for (const [name, value] of browser.cookies) device.cookies.set(name, value);

    const question = await browser.text("/account/delete");
    assertMatch(question, /3 runs/);
    const response = await browser.post("/account/delete", { confirm: "yes" });
    assertStrictEquals(response.status, 303);
    const location = response.headers.get("location")!;
    assertStrictEquals(location, "/account/deleted?runs=3&keys=1&sessions=1");
    assert(!browser.cookies.has("taskstream"), [...browser.cookies.keys()].join());
    const page = await browser.text(location);
    assertMatch(page, /3 runs, 1 key and 1 session are deleted/);
    assertMatch(page, /Nothing changed at Parallel/);
    assertStrictEquals((await device.fetch("/tasks")).headers.get("location"), "/?next=%2Ftasks");

    const { indexer } = app.services.histories;
    indexer.wake();
    await indexer.settled();
    // The sweep takes the rest, once recorders have noticed and the undo's time is over.
    for (let minute = 0; minute < 12; minute++) {
      clock.ahead += 60_000;
      await app.services.sweep();
    }
    for (const entry of await entries(app)) {
      assert(!entry.includes(account), entry);
      for (const runId of [...runIds, gone, undoable, active]) {
        assert(!entry.includes(runId), entry);
      }
    }
  }, { now: () => Date.now() + clock.ahead });
});

Deno.test("nothing is deleted unless the box is ticked, and the page says so", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    const response = await browser.post("/account/delete", {});
    assertStrictEquals(response.status, 422);
    assertMatch(await response.text(), /aria-describedby="confirm-error"/);
    assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 200);
  }));

Deno.test("another account keeps its runs, sessions and counts", () =>
  withApp(async (app) => {
    const [mine, theirs] = [await app.browser().enterSandbox(), await app.browser().enterSandbox()];
    await mine.createTask();
    const runId = await theirs.createTask();
    await mine.post("/account/delete", { confirm: "yes" });
    assertStrictEquals((await theirs.fetch(`/tasks/${runId}`)).status, 200);
    assertMatch(await theirs.text("/account"), />1 run</);
  }));

Deno.test("more runs than fit one commit are deleted too", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const account = await accountOf(app, browser);
    for (let turn = 0; turn < 130; turn++) await browser.createTask({ input: `Question ${turn}` });
    assertStrictEquals((await app.services.accountRemoval.remove(account)).runs, 130);
    assertStrictEquals(await app.services.runs.count(account), 0);
  }));

Deno.test("a deleted account's key starts a new, empty account", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey("pk-starts-anew");
    const before = await accountOf(app, browser);
    await browser.post("/account/delete", { confirm: "yes" });
    await browser.enterKey("pk-starts-anew");
    assertNotEquals(await accountOf(app, browser), before);
    assertMatch(await browser.text("/account"), />0 runs</);
  }, { api: () => Response.json({ error: { message: "Run id not found" } }, { status: 404 }) }));

Deno.test("every key of a deleted account starts a new account", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey("pk-the-first-one");
    const before = await accountOf(app, browser);
    await browser.post("/account/keys", { api_key: "pk-the-second-one", confirm: "yes" });
    const { keys } = await app.services.accountRemoval.remove(before);
    assertStrictEquals(keys, 2);
    for (const key of ["pk-the-first-one", "pk-the-second-one"]) {
      const again = await app.browser().enterKey(key);
      assertNotEquals(await accountOf(app, again), before);
    }
  }, { api: () => Response.json({ error: { message: "Run id not found" } }, { status: 404 }) }));

Deno.test("a sign-in during the deletion is signed out with the rest", () =>
  withApp(async (app) => {
    const { kv, sessions } = app.services;
    const key = "sandbox-signs-in-meanwhile";
    const account = await accountOf(app, await app.browser().enterKey(key));
    const late = app.browser();
    const removal = new AccountRemoval({
      ...app.services,
      removeRuns: async () => {
        if (late.cookies.size === 0) await late.enterKey(key);
        return 0;
      },
      forgetNotifications: () => Promise.resolve(),
    });
    await removal.remove(account);
    assertStrictEquals(await sessions.find(late.cookies.get("taskstream")!), null);
    const left = await Array.fromAsync(kv.list({ prefix: ["sessions", account] }));
    assertEquals(left, [], "and no sealed key of it stays");
  }));

Deno.test("a sign-in during the removal of its key or account gets an existing account", async (t) => {
  const remove = {
    "the key is removed": (app: TestApp, account: string, keyId: string) =>
      app.services.accountKeys.remove(account, keyId),
    "the account is deleted": (app: TestApp, account: string) =>
      app.services.accountRemoval.remove(account),
    "the account becomes part of another": async (app: TestApp) => {
      const other = await app.browser().enterKey("sandbox-takes-it-over");
      await other.post("/account/keys", { api_key: "sandbox-is-going", confirm: "yes" });
    },
  };
  for (const [name, go] of Object.entries(remove)) {
    await t.step(name, () =>
      withApp(async (app) => {
        const { accounts, sessions, standings } = app.services;
        const owner = await app.browser().enterKey("sandbox-that-stays");
        await owner.post("/account/keys", { api_key: "sandbox-is-going", confirm: "yes" });
        const account = await accountOf(app, owner);
        const [, key] = await accounts.keys(account);
        let gone = false;
        const signIn = new SignIn({
          sessions,
          standings,
          keyring: await Keyring.from(["s".repeat(32)]),
          sandboxEnabled: true,
          accounts: {
            claim: async (apiKey) => {
              const claimed = await accounts.claim(apiKey);
              if (!gone) await go(app, account, key?.id ?? "");
              gone = true;
              return claimed;
            },
          },
        });
        const visitor = { session: null, userAgent: "Mozilla/5.0 (X11; Linux) Firefox/140.0" };
        const signedIn = await signIn.withKey("sandbox-is-going", visitor);
        assert(signedIn.ok);
        assertStrictEquals(
          (await sessions.list(account)).filter((s) => s.device !== null).length,
          0,
        );
        const now = await accounts.forKey("sandbox-is-going");
        assertNotEquals(now.id, account);
        assertStrictEquals(
          (await sessions.list(now.id)).filter((s) => s.device !== null).length,
          1,
        );
      }));
  }
});

Deno.test("requests in flight during the deletion leave no data", async (t) => {
  const run = runJson();
  const ways: Record<string, (browser: TestBrowser) => Promise<Response>> = {
    "a task of the form": (browser) => browser.post("/tasks", { ...FORM }),
    "a task of the proxy": (browser) =>
      browser.fetch("/api/v1/tasks/runs", {
        method: "POST",
        body: JSON.stringify({ input: "x", processor: "lite" }),
        headers: { "content-type": "application/json" },
      }),
    "a task made elsewhere": (browser) => browser.fetch(`/tasks/${run.run_id}`),
    "a repeated task": (browser) => browser.post("/tasks", { ...FORM, idempotency_key: "once" }),
  };
  for (const [name, go] of Object.entries(ways)) {
    await t.step(name, () => {
      const asked = Promise.withResolvers<void>(), gate = Promise.withResolvers<void>();
      return withApp(async (app) => {
        const { kv } = app.services;
        const browser = await app.browser().enterKey();
        const account = await accountOf(app, browser);
        const going = go(browser);
        await asked.promise;
        await browser.post("/account/delete", { confirm: "yes" });
        gate.resolve();
        await (await going).body?.cancel();
        await app.services.sweep();
        const left = (await Array.fromAsync(kv.list({ prefix: [] })))
          .map(({ key }) => key.join(" "))
          .filter((key) => key.includes(account) || key.includes(String(run.run_id)))
          .filter((key) => !key.startsWith("limit "));
        // The purge waits for a writer that may not have noticed.
        assertEquals(left.filter((key) => !/^(head|run|purge|deleted) /.test(key)), []);
      }, {
        api: async (request) => {
          const { pathname } = new URL(request.url);
          const isOurs = pathname.includes(String(run.run_id)) && !pathname.endsWith("/events");
          if (request.method !== "POST" && !isOurs) {
            return Response.json(errorJson("Run id not found"), { status: 404 });
          }
          asked.resolve();
          await gate.promise;
          if (pathname.endsWith("/input")) return Response.json({ input: "x", processor: "lite" });
          return Response.json(run, { status: request.method === "POST" ? 202 : 200 });
        },
      });
    });
  }
});

Deno.test("an import during the deletion leaves nothing", () =>
  withApp(async (app) => {
    const { accountRemoval, kv, runs } = app.services;
    const account = await accountOf(app, await app.browser().enterKey("sandbox-imports-now"));
    await accountRemoval.remove(account);
    const line = readLine(JSON.stringify({ run: VALID_RUN }));
    assert(line.kind === "run");
    assertStrictEquals(await runs.import(account, line.run), "deleted");
    await app.services.sweep();
    const left = (await Array.fromAsync(kv.list({ prefix: [] })))
      .filter(({ key }) => key.includes(account));
    assertEquals(left, []);
  }));

Deno.test("deleting a key or its account deletes the API's verdict on the key", async (t) => {
  const KEYS = ["pk-the-first-one", "pk-the-second-one"];
  const standing = async (app: TestApp) =>
    (await Array.fromAsync(app.services.kv.list({ prefix: ["standing"] }))).length;
  const api = () => Response.json(errorJson("Run id not found"), { status: 404 });
  await t.step("the key is removed", () =>
    withApp(async (app) => {
      const browser = await app.browser().enterKey(KEYS[0]);
      await browser.post("/account/keys", { api_key: KEYS[1]!, confirm: "yes" });
      assertStrictEquals(await standing(app), 2);
      const account = await accountOf(app, browser);
      const [, second] = await app.services.accounts.keys(account);
      await app.services.accountKeys.remove(account, second!.id);
      assertStrictEquals(await standing(app), 1);
    }, { api }));
  await t.step("the account is deleted", () =>
    withApp(async (app) => {
      const browser = await app.browser().enterKey(KEYS[0]);
      await browser.post("/account/keys", { api_key: KEYS[1]!, confirm: "yes" });
      const stays = await app.browser().enterKey("pk-of-somebody-else");
      // A key that waits to be confirmed, and a form that was sent after its session had ended.
      await browser.post("/account/keys", { api_key: "pk-waits", confirm: "" });
      await browser.post("/account/delete", { confirm: "yes" });
      const left = await Array.fromAsync(app.services.kv.list({ prefix: [] }));
      const of = (name: string) => left.filter(({ key }) => key[0] === name);
      assertEquals(of("adding"), []);
      assertStrictEquals(of("standing").length, 2, "one of them was only asked about");
      assert((await stays.fetch("/account")).ok);
    }, { api }));
  await t.step("a response to another request arrives later", () =>
    withApp(async (app) => {
      const browser = await app.browser().enterKey(KEYS[0]);
      const { standings } = app.services;
      await browser.post("/account/delete", { confirm: "yes" });
      standings.noteResponse(KEYS[0]!, Response.json({}));
      await standings.idle();
      assertStrictEquals(await standing(app), 0);
    }, { api }));
});

Deno.test("deleting an account deletes the form that it has seen", () =>
  withApp(async (app) => {
    const browser = app.browser();
    await browser.post("/tasks", { ...FORM, input: "Typed and kept" });
    await browser.enterSandbox();
    assertMatch(await browser.text("/?kept=1"), /Typed and kept/);
    await browser.post("/account/delete", { confirm: "yes" });
    assertEquals(await Array.fromAsync(app.services.kv.list({ prefix: ["parked"] })), []);
  }));

Deno.test("an account deleted during a merge into it leaves nothing, at any point", async (t) => {
  const FROM = "sandbox-moves-in", TO = "sandbox-is-deleted";
  let moments = 0;
  for (let moment = 1, isOver = false; !isOver; moment++) {
    const isSound = await t.step(`at read ${moment}`, () =>
      withApp(async (app) => {
        const { accountKeys, accountRemoval, kv, sessions } = app.services;
        const from = await app.browser().enterKey(FROM);
        const moved = await accountOf(app, from);
        for (const input of ["One", "Two"]) await from.createTask({ input });
        await from.post("/account/webhook", { webhook_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI" });
        const to = await app.browser().enterKey(TO);
        const account = await accountOf(app, to);
        const session = (await sessions.find(to.cookies.get("taskstream")!))!;
        let reads = 0, deleting: Promise<unknown> | null = null;
        const strike = async () => {
          if (deleting === null && ++reads === moment) {
            deleting = accountRemoval.remove(account);
            await deleting;
          }
        };
        const { get, getMany } = kv;
        kv.get = async (...args) => (await strike(), await get.apply(kv, args)) as never;
        kv.getMany = async (...args) => (await strike(), await getMany.apply(kv, args)) as never;
        await accountKeys.add(session, FROM);
        Object.assign(kv, { get, getMany });
        // The read may have been a recorder's.
        await deleting;
        isOver = deleting === null;
        if (isOver) return;
        moments++;
        await app.services.sweep();
        const left = (await Array.fromAsync(kv.list({ prefix: [] })))
          .filter(({ key }) => !["limit", "purge", "deleted"].includes(String(key[0])));
        assertEquals(
          left.map(({ key }) => key).filter((key) => key.includes(account)),
          [],
          "nothing names the deleted account",
        );
        const pointers = left.filter(({ key }) => key[0] === "key").map(({ value }) => value);
        // Either it was part of the deleted account, and is gone with it, or it was not and has its runs.
        if (pointers.includes(moved)) assertStrictEquals(await app.services.runs.count(moved), 2);
        else assertStrictEquals(await app.services.runs.count(moved), 0);
      }));
    if (!isSound) return;
  }
  assert(moments > 5, `${moments} moments`);
});

Deno.test("a webhook secret set right before the keys are removed is removed too", () =>
  withApp(async (app) => {
    const { accountRemoval, accounts, kv, webhookSecrets } = app.services;
    const account = await accountOf(app, await app.browser().enterSandbox());
    const { forget } = accounts;
    accounts.forget = async (id) => {
      await webhookSecrets.set(id, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI");
      return await forget.call(accounts, id);
    };
    await accountRemoval.remove(account);
    assertEquals(await Array.fromAsync(kv.list({ prefix: ["webhook_secret"] })), []);
  }));

Deno.test("settings saved for an account deleted meanwhile are removed", async (t) => {
  const requests = {
    webhook_secret: ["/account/webhook", { webhook_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI" }],
    budget: ["/tasks/budget", { budget_usd: "5" }],
  } as const;
  for (const [name, [path, fields]] of Object.entries(requests)) {
    await t.step(path, () =>
      withApp(async (app) => {
        const { accountRemoval, histories, kv, webhookSecrets } = app.services;
        const browser = await app.browser().enterSandbox();
        const account = await accountOf(app, browser);
        for (const settings of [webhookSecrets, histories.budgets]) {
          const set = settings.set.bind(settings) as (id: string, value: unknown) => Promise<void>;
          settings.set = async (id: string, value: unknown) => {
            if (value !== null) await accountRemoval.remove(account);
            await set(id, value);
          };
        }
        assertStrictEquals((await browser.post(path, fields)).status, 303);
        assertStrictEquals(await app.services.accounts.get(account), null, "it was deleted");
        assertEquals(await Array.fromAsync(kv.list({ prefix: [name] })), []);
      }));
  }
});

/** A removal whose process dies at its `n`th commit. */
async function dyingRemoval(kv: Deno.Kv, n: number) {
  const dying = dyingAt(kv, n);
  const committer = new Committer(dying.kv);
  const keyring = await Keyring.from(["s".repeat(32)]);
  const now = Date.now;
  const removal = new AccountRemoval({
    accounts: new Accounts(dying.kv, committer, now),
    sessions: new Sessions(dying.kv, committer, keyring, now),
    webhookSecrets: new WebhookSecrets(dying.kv, committer, keyring),
    parked: new ParkedForms(dying.kv, committer, keyring, now),
    standings: { idle: () => Promise.resolve() },
    removeRuns: (account) => removeAllRuns({ kv: dying.kv, committer, now }, account, () => {}),
    forgetNotifications: (account) => forgetAccount({ kv: dying.kv, committer }, account),
  });
  return { removal, died: dying.died };
}

Deno.test("after a crash at any commit, the key still finds what is left, and the next deletion removes it", () =>
  withApp(async (app) => {
    const { kv, accounts, accountRemoval, histories } = app.services;
    const leftOf = async (account: string) => {
      histories.indexer.wake();
      await histories.indexer.settled();
      const found = await Array.fromAsync(kv.list({ prefix: [] }));
      // The sweep takes removals that are on their way, with their tombstones.
      return found.map(({ key }) => key)
        .filter(([name]) => !["deleted", "purge", "limit"].includes(String(name)))
        .filter((key) => key.includes(account));
    };
    let deaths = 0;
    for (let n = 1, dies = true; dies; n++) {
      const key = `sandbox-dies-at-${n}`;
      const browser = await app.browser().enterKey(key);
      const account = await accountOf(app, browser);
      for (const input of ["One", "Two"]) await browser.events(await browser.createTask({ input }));
      await browser.post("/account/webhook", { webhook_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI" });
      const { removal, died } = await dyingRemoval(kv, n);
      const error = await removal.remove(account).then(() => null, (reason: Error) => reason);
      dies = died();
      if (dies) {
        deaths++;
        assertMatch(String(error?.message), /the process died/);
        if ((await accounts.find(key))?.id === account) await accountRemoval.remove(account);
      }
      assertEquals(await leftOf(account), [], `after a death at commit ${n}`);
    }
    assert(deaths >= 5, `${deaths}`);
  }));
