/** Signing in with Parallel, every way it can end. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStrictEquals,
} from "@std/assert";
import type { OAuthFault } from "../../lib/sandbox/oauth/faults.ts";
import { type Decision, PROVIDER, type ProviderApp, withProvider } from "./sign_in_tools.ts";
import { ORIGIN, type TestBrowser } from "./test_app.ts";

const signedIn = async (browser: TestBrowser) =>
  (await browser.fetch("/tasks", { redirect: "manual" })).status === 200;

Deno.test("consent signs in and continues to the requested page", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    const asked = await provided.begin(browser, "/tasks?q=x");
    assertStrictEquals(asked.origin + asked.pathname, `${PROVIDER}/getKeys/authorize`);
    const query = Object.fromEntries(asked.searchParams);
    assertMatch(query.code_challenge!, /^[\w-]{43}$/);
    assertMatch(query.state!, /^[\w-]{43}$/);
    assertEquals(
      { ...query, code_challenge: "", state: "", client_id: "" },
      {
        client_id: "",
        redirect_uri: `${ORIGIN}/auth/callback`,
        response_type: "code",
        scope: "key:read",
        code_challenge: "",
        code_challenge_method: "S256",
        state: "",
      },
    );
    const response = await provided.back(browser, await provided.decide(asked));
    assertStrictEquals(response.status, 303);
    assertStrictEquals(response.headers.get("location"), "/tasks?q=x");
    assertEquals([...browser.cookies.keys()], ["taskstream"], "the login's cookie is spent");
    assert(await signedIn(browser));
  }));

Deno.test("the same key opens the same history, and a new key a new one", () =>
  withProvider(async (provided) => {
    const accountOf = async (decision: Decision) => {
      const browser = provided.app.browser();
      await provided.signIn(browser, decision);
      const cookie = browser.cookies.get("taskstream") ?? "";
      return (await provided.app.services.sessions.find(cookie))?.account;
    };
    const first = await accountOf({ key: "first" });
    assertNotEquals(first, undefined);
    assertStrictEquals(await accountOf({ key: "first" }), first);
    assertNotEquals(await accountOf({ key: "second" }), first);
  }));

Deno.test("a client is registered once per redirect URI, and its ID is reused", () =>
  withProvider(async (provided) => {
    const one = await provided.begin(provided.app.browser());
    const two = await provided.begin(provided.app.browser());
    assertMatch(one.searchParams.get("client_id")!, /^sim-client-/);
    assertStrictEquals(two.searchParams.get("client_id"), one.searchParams.get("client_id"));
    assertStrictEquals(
      provided.asked.filter((line) => line === "POST /getKeys/register").length,
      1,
    );
  }));

const WITHOUT:
  readonly (readonly [what: string, faults: readonly OAuthFault[], registers: boolean])[] = [
    ["metadata", ["no-metadata"], true],
    ["metadata that are data", ["html-metadata"], true],
    ["metadata of its own", ["foreign-metadata"], true],
    ["registration", ["no-registration"], false],
    ["registration that answers with a client", ["broken-registration"], false],
  ];

for (const [what, faults, registers] of WITHOUT) {
  Deno.test(`without ${what} the documented sign-in works`, () =>
    withProvider(async (provided) => {
      const browser = provided.app.browser();
      const asked = await provided.begin(browser);
      const clientId = asked.searchParams.get("client_id")!;
      assertMatch(clientId, registers ? /^sim-client-/ : /^localhost$/);
      assertStrictEquals((await provided.back(browser, await provided.decide(asked))).status, 303);
      assert(await signedIn(browser));
    }, { faults }));
}

Deno.test("PUBLIC_URL decides where the provider sends the browser back", () =>
  withProvider(async (provided) => {
    const asked = await provided.begin(provided.app.browser());
    assertStrictEquals(
      asked.searchParams.get("redirect_uri"),
      "https://tasks.example/auth/callback",
    );
  }, { config: { publicUrl: "https://tasks.example" } }));

Deno.test("over https the sign-in cookie is Secure and has the __Host- prefix", () =>
  withProvider(async ({ app }) => {
    const response = await app.browser().fetch("/auth/login");
    assertMatch(
      response.headers.get("set-cookie")!,
      /^__Host-taskstream-login-[0-9a-f]{12}=[\w-]{43}; Secure; HttpOnly; Max-Age=600; SameSite=Lax; Path=\/$/,
    );
  }, { config: { publicUrl: "https://tasks.example" } }));

Deno.test("two tabs can sign in at the same time", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    const one = await provided.begin(browser, "/tasks?tab=1");
    const two = await provided.begin(browser, "/tasks?tab=2");
    const backTwo = await provided.back(browser, await provided.decide(two));
    const backOne = await provided.back(browser, await provided.decide(one));
    assertStrictEquals(backTwo.headers.get("location"), "/tasks?tab=2");
    assertStrictEquals(backOne.headers.get("location"), "/tasks?tab=1");
    assert(await signedIn(browser));
    assertEquals([...browser.cookies.keys()], ["taskstream"]);
  }));

Deno.test("only one of many concurrent callbacks with the same state signs in", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    const callback = await provided.decide(await provided.begin(browser));
    const twin = provided.app.browser();
    for (const [name, value] of browser.cookies) twin.cookies.set(name, value);
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await provided.back(twin, callback)).status),
    );
    assertEquals(statuses.sort(), [303, ...Array(7).fill(400)]);
  }));

Deno.test("a browser forced to start many sign-ins stores only a few cookies", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    for (let turn = 0; turn < 45; turn++) await provided.begin(browser);
    assert(browser.cookies.size <= 20, `${browser.cookies.size}`);
    const last = await provided.begin(browser);
    assertStrictEquals((await provided.back(browser, await provided.decide(last))).status, 303);
  }));

const NOT_JOINED: readonly (readonly [what: string, start: HeadersInit, between: string | null])[] =
  [
    ["a link on another site", { "sec-fetch-site": "cross-site" }, null],
    ["a link on a sister site", { "sec-fetch-site": "same-site" }, null],
    ["a page of ours", {}, null],
    ["a page of ours, while somebody else has signed in since", {}, "pk-somebody-else"],
  ];

for (const [what, headers, between] of NOT_JOINED) {
  Deno.test(`the key of a sign-in started by ${what} is not added to an account`, () =>
    withProvider(async (provided) => {
      const browser = await provided.app.browser().enterKey("pk-mine-and-only-mine");
      const account = async () =>
        (await provided.app.services.sessions.find(browser.cookies.get("taskstream")!))?.account;
      const mine = await account();
      const asked = await provided.begin(browser, "/tasks", headers);
      if (between !== null) {
        await browser.post("/auth/logout", {});
        await browser.enterKey(between);
      }
      const theirs = await account();
      await provided.back(browser, await provided.decide(asked));
      assertNotEquals(await account(), mine);
      if (between !== null) assertNotEquals(await account(), theirs);
    }));
}

Deno.test("a sandbox account never gets a real key, nor the reverse", () =>
  withProvider(async (provided) => {
    const browser = await provided.app.browser().enterSandbox();
    await provided.signIn(browser);
    const session = await provided.app.services.sessions.find(browser.cookies.get("taskstream")!);
    assertStrictEquals(session?.sandbox, false);
  }));

/** How a sign-in ends badly: what goes wrong, the page's status, a part of its title. */
interface Negative {
  readonly name: string;
  readonly status: number;
  readonly title: RegExp;
  readonly faults?: readonly OAuthFault[];
  /** What the page must say besides. */
  readonly says?: RegExp;
  run(provided: ProviderApp, browser: TestBrowser, clock: { ms: number }): Promise<Response>;
}

const deciding = (decision: Decision): Negative["run"] => (provided, browser) =>
  provided.signIn(browser, decision);
const starting: Negative["run"] = (_, browser) => browser.fetch("/auth/login?next=%2Ftasks");
const calling = (query: string): Negative["run"] => (_, browser) =>
  browser.fetch(`/auth/callback${query}`);
/** A callback that the provider made, changed on its way. */
const changed =
  (change: (query: URLSearchParams) => void): Negative["run"] => async (provided, browser) => {
    const callback = await provided.decide(await provided.begin(browser));
    change(callback.searchParams);
    return await provided.back(browser, callback);
  };

const MALFORMED = /address is incomplete/;
const UNKNOWN = /This sign-in link is invalid/;
const REFUSED = /did not return a key/;
const BROKEN = /an invalid response/;
const NO_KEY = /returned an invalid key/;

const NEGATIVE: readonly Negative[] = [
  {
    name: "the person denies",
    status: 403,
    title: /Access was not granted/,
    run: deciding({ decision: "deny" }),
  },
  {
    name: "the provider sends server_error",
    status: 502,
    title: /did not complete/,
    says: /Something broke here/,
    run: deciding({ fault: "server_error" }),
  },
  {
    name: "the provider sends temporarily_unavailable",
    status: 502,
    title: /did not complete/,
    says: /Come back later/,
    run: deciding({ fault: "temporarily_unavailable" }),
  },
  {
    name: "the provider sends invalid_scope",
    status: 502,
    title: /did not complete/,
    run: deciding({ fault: "invalid_scope" }),
  },
  {
    name: "the provider's words are markup",
    status: 502,
    title: /did not complete/,
    says: /&lt;script>alert\(1\)&lt;\/script>|&lt;script&gt;alert\(1\)/,
    run: changed((query) => {
      query.delete("code");
      query.set("error", "x");
      query.set("error_description", "<script>alert(1)</script>\u0000\u202e");
    }),
  },
  {
    name: "another issuer answers",
    status: 400,
    title: /response is not from/,
    run: deciding({ fault: "wrong-issuer" }),
  },
  {
    name: "two issuers answer, one of them ours",
    status: 400,
    title: /response is not from/,
    run: changed((query) => {
      query.append("iss", PROVIDER);
      query.append("iss", "https://elsewhere.example");
    }),
  },
  {
    name: "the issuer differs by a slash",
    status: 400,
    title: /response is not from/,
    run: changed((query) => query.set("iss", `${PROVIDER}/`)),
  },
  {
    name: "the state was never sent",
    status: 400,
    title: UNKNOWN,
    run: deciding({ fault: "wrong-state" }),
  },
  {
    name: "the state is missing",
    status: 400,
    title: MALFORMED,
    run: deciding({ fault: "no-state" }),
  },
  {
    name: "there are two states",
    status: 400,
    title: MALFORMED,
    run: changed((query) => query.append("state", "x")),
  },
  {
    name: "the state has another letter",
    status: 400,
    title: UNKNOWN,
    run: changed((query) => query.set("state", `${query.get("state")}x`)),
  },
  {
    name: "the state is empty",
    status: 400,
    title: MALFORMED,
    run: changed((query) => query.set("state", "")),
  },
  {
    name: "the state is longer than any key",
    status: 400,
    title: UNKNOWN,
    run: calling(`?code=x&state=${"s".repeat(9000)}`),
  },
  { name: "there is no code", status: 400, title: MALFORMED, run: deciding({ fault: "no-code" }) },
  {
    name: "the code is empty",
    status: 400,
    title: MALFORMED,
    run: changed((query) => query.set("code", "")),
  },
  {
    name: "there are two codes",
    status: 400,
    title: MALFORMED,
    run: deciding({ fault: "two-codes" }),
  },
  {
    name: "there are a code and a token",
    status: 400,
    title: MALFORMED,
    run: changed((query) => query.set("token", "sk-x")),
  },
  {
    name: "the answer is wrapped in a JWT",
    status: 400,
    title: MALFORMED,
    run: changed((query) => query.set("response", "a.b.c")),
  },
  { name: "the callback is bare", status: 400, title: MALFORMED, run: calling("") },
  {
    name: "the callback is only an error, from nowhere",
    status: 400,
    title: MALFORMED,
    run: calling("?error=x&error_description=Call%20this%20number"),
  },
  {
    name: "an error comes with a state from nowhere",
    status: 400,
    title: UNKNOWN,
    run: calling("?error=access_denied&state=abc"),
  },
  {
    name: "the code was never issued",
    status: 502,
    title: REFUSED,
    says: /Unknown code/,
    run: deciding({ fault: "wrong-code" }),
  },
  {
    name: "the code has expired",
    status: 502,
    title: REFUSED,
    says: /has expired/,
    run: deciding({ fault: "late-code" }),
  },
  {
    name: "the exchange does not know the client",
    status: 502,
    title: REFUSED,
    run: deciding({ fault: "refused-client" }),
  },
  {
    name: "the exchange answers 500",
    status: 502,
    title: BROKEN,
    run: deciding({ fault: "token-500" }),
  },
  {
    name: "the exchange answers with a web page",
    status: 502,
    title: BROKEN,
    run: deciding({ fault: "token-html" }),
  },
  {
    name: "the exchange answers with a redirect",
    status: 502,
    title: BROKEN,
    run: deciding({ fault: "token-redirect" }),
  },
  {
    name: "the exchange answers without end",
    status: 502,
    title: BROKEN,
    run: deciding({ fault: "token-endless" }),
  },
  {
    name: "the exchange answers without a token",
    status: 502,
    title: BROKEN,
    run: deciding({ fault: "no-token" }),
  },
  {
    name: "the token is a number",
    status: 502,
    title: BROKEN,
    run: deciding({ fault: "number-token" }),
  },
  {
    name: "the token has spaces",
    status: 502,
    title: NO_KEY,
    run: deciding({ fault: "spaced-token" }),
  },
  {
    name: "the token is too short",
    status: 502,
    title: NO_KEY,
    run: deciding({ fault: "short-token" }),
  },
  {
    name: "the token is a key of the embedded sandbox",
    status: 502,
    title: NO_KEY,
    run: deciding({ fault: "sandbox-token" }),
  },
  {
    name: "the provider is down at the start",
    status: 502,
    title: /cannot be reached/,
    faults: ["down"],
    run: starting,
  },
  {
    name: "the callback comes a second time",
    status: 400,
    title: /already over/,
    async run(provided, browser) {
      const callback = await provided.decide(await provided.begin(browser));
      assertStrictEquals((await provided.back(browser, callback)).status, 303);
      await browser.post("/auth/logout", {});
      return await provided.back(browser, callback);
    },
  },
  {
    name: "a callback that failed comes a second time",
    status: 400,
    title: /already over/,
    async run(provided, browser) {
      const callback = await provided.decide(await provided.begin(browser), { decision: "deny" });
      await provided.back(browser, callback);
      return await provided.back(browser, callback);
    },
  },
  {
    name: "a callback comes to a browser that did not start it",
    status: 403,
    title: /another browser/,
    async run(provided, browser) {
      return await provided.back(
        browser,
        await provided.decide(await provided.begin(provided.app.browser())),
      );
    },
  },
  {
    name: "a callback comes with the cookie of another sign-in",
    status: 403,
    title: /another browser/,
    async run(provided, browser) {
      const stranger = provided.app.browser();
      const asked = await provided.begin(stranger);
      await provided.begin(browser);
      const [name] = stranger.cookies.keys();
      const [secret] = browser.cookies.values();
      browser.cookies.set(name!, secret!);
      return await provided.back(browser, await provided.decide(asked));
    },
  },
  {
    name: "a callback comes after ten minutes",
    status: 400,
    title: /took too long/,
    async run(provided, browser, clock) {
      const asked = await provided.begin(browser);
      clock.ms += 595_000;
      const callback = await provided.decide(asked);
      clock.ms += 6_000;
      return await provided.back(browser, callback);
    },
  },
];

for (const negative of NEGATIVE) {
  Deno.test(`${negative.name}: no sign-in, and a page says so`, () => {
    const clock = { ms: Date.now() };
    return withProvider(async (provided) => {
      const browser = provided.app.browser();
      const response = await negative.run(provided, browser, clock);
      assertStrictEquals(response.status, negative.status);
      assertStrictEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
      assertMatch(response.headers.get("cache-control") ?? "", /^private, no-store(?:,|$)/);
      const page = await response.text();
      const title = /<h1[^>]*>([^<]*)<\/h1>/.exec(page)?.[1] ?? "";
      assertMatch(title, negative.title);
      if (negative.says !== undefined) assertMatch(page, negative.says);
      assertMatch(page, /No one was signed in/);
      assertMatch(page, /href="\/auth\/login\?next=/, "what to do");
      assert(!browser.cookies.has("taskstream"));
      assert(!await signedIn(browser));
      assertNotMatch(page, /<script>alert/);
    }, { faults: negative.faults, now: () => clock.ms });
  });
}

Deno.test(`a failure leaves an open session unchanged (${NEGATIVE.length} negative cases above)`, () =>
  withProvider(async (provided) => {
    const browser = await provided.app.browser().enterKey();
    const before = browser.cookies.get("taskstream");
    for (const decision of [{ decision: "deny" }, { fault: "token-500" }] as const) {
      const response = await provided.signIn(browser, decision);
      assertMatch(await response.text(), /You are signed in as before/);
      assertStrictEquals(browser.cookies.get("taskstream"), before);
      assert(await signedIn(browser));
    }
  }));

Deno.test("another browser's callback does not affect the sign-in", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    const callback = await provided.decide(await provided.begin(browser));
    assertStrictEquals((await provided.back(provided.app.browser(), callback)).status, 403);
    assertStrictEquals((await provided.back(browser, callback)).status, 303);
  }));

Deno.test("a client unknown to the provider is registered again at the next attempt", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    await provided.signIn(browser, { fault: "refused-client" });
    assertStrictEquals((await provided.signIn(browser)).status, 303);
    assertStrictEquals(
      provided.asked.filter((line) => line === "POST /getKeys/register").length,
      2,
    );
  }));

Deno.test("a next that leaves this site is dropped at once", () =>
  withProvider(async (provided) => {
    for (
      const next of [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/.//evil.example",
      ]
    ) {
      const browser = provided.app.browser();
      const callback = await provided.decide(await provided.begin(browser, next));
      assertStrictEquals((await provided.back(browser, callback)).headers.get("location"), "/");
    }
  }));

Deno.test("key, code, state and verifier appear in no header but the redirects', no page, log line or stored value", () =>
  withProvider(async (provided) => {
    const secrets: string[] = [];
    const seen: string[] = [];
    const keep = async (response: Response) =>
      void seen.push(
        JSON.stringify([...response.headers].filter(([name]) => name !== "location")),
        await response.text(),
      );
    const browser = provided.app.browser();
    for (const fault of [undefined, "token-500", "wrong-issuer", "server_error"] as const) {
      const asked = await provided.begin(browser);
      const callback = await provided.decide(asked, { fault });
      secrets.push(asked.searchParams.get("state")!);
      const code = callback.searchParams.get("code");
      if (code !== null) secrets.push(code);
      const back = await provided.back(browser, callback);
      assertNotMatch(back.headers.get("location") ?? "", /sk-sim|code=|state=/);
      await keep(back);
      await keep(await provided.back(browser, callback));
    }
    for (const path of ["/", "/tasks", "/account"]) await keep(await browser.fetch(path));
    for await (const { key, value } of provided.app.services.kv.list({ prefix: [] })) {
      seen.push(Deno.inspect([key, value], { depth: 10, strAbbreviateSize: 1e6 }));
    }
    seen.push(...provided.app.lines);
    assert(secrets.length >= 6 && seen.length > 20);
    for (const text of seen) {
      assertNotMatch(text, /sk-sim-[0-9a-f]/);
      for (const secret of secrets) assert(!text.includes(secret), text);
    }
  }));
