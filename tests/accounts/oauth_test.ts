/** Signing in with Parallel when the provider is slow, down or faulty. Time and network are passed in. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Accounts } from "../../lib/accounts/accounts.ts";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { type LoginStart, ParallelLogin } from "../../lib/accounts/oauth/mod.ts";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { SignIn } from "../../lib/accounts/sign_in.ts";
import { Committer } from "../../lib/store/committer.ts";
import { createProvider } from "../../lib/sandbox/oauth/provider.ts";
import { assertError } from "../assert_error.ts";
import { longestStretch } from "../cpu_time.ts";

const PLATFORM = "https://provider.invalid";
const REQUEST = { redirectUri: "https://app.example/auth/callback", next: "/tasks" };
const VISITOR = { session: null, userAgent: null };

/** Answers instead of the provider; `null` lets the provider answer. */
type Answer = (path: string, signal: AbortSignal) => Response | Promise<Response> | null;

/** A login whose timers fire when told to. */
class Room {
  readonly login: ParallelLogin;
  readonly sent: { readonly path: string; readonly body: string }[] = [];
  readonly timers = new Set<() => void>();
  answer: Answer = () => null;
  readonly #provider = createProvider();

  constructor(kv: Deno.Kv, keyring: Keyring) {
    const committer = new Committer(kv);
    const now = Date.now;
    const fetch = this.#fetch;
    const signIn = new SignIn({
      accounts: new Accounts(kv, committer, now),
      sessions: new Sessions(kv, committer, keyring, now),
      keyring,
      standings: { ask: () => Promise.resolve("accepted") },
      sandboxEnabled: false,
    });
    const timers = {
      setTimeout: (run: () => void) => (this.timers.add(run), run),
      clearTimeout: (id: unknown) => void this.timers.delete(id as () => void),
    };
    this.login = new ParallelLogin({
      platformUrl: PLATFORM,
      fetch,
      kv,
      committer,
      keyring,
      signIn,
      now,
      timers,
    });
  }

  begin(signal = new AbortController().signal): Promise<LoginStart> {
    return this.login.begin(REQUEST, signal);
  }

  /** Starts a sign-in and has the person allow it; what the callback would bring. */
  async allowed() {
    const start = await this.begin();
    assert(start.ok);
    const page = await (await this.#ask(new Request(start.location))).text();
    const ticket = /name="ticket" value="([^"]+)"/.exec(page)![1]!;
    const body = new URLSearchParams({ ticket, decision: "allow" });
    const request = new Request(`${PLATFORM}/getKeys/authorize`, { method: "POST", body });
    const location = (await this.#ask(request)).headers.get("location")!;
    return {
      parameters: new URL(location).searchParams,
      secretOf: (tag: string) => tag === start.tag ? start.secret : null,
      visitor: VISITOR,
    };
  }

  async #ask(request: Request): Promise<Response> {
    return await this.#provider.fetch(request) ?? new Response(null, { status: 404 });
  }

  readonly #fetch = async (input: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    this.sent.push({ path, body: await request.clone().text() });
    return await this.answer(path, request.signal) ?? await this.#ask(request);
  };
}

async function withRoom(test: (room: Room, kv: Deno.Kv) => Promise<void>): Promise<void> {
  using kv = await Deno.openKv(":memory:");
  await test(new Room(kv, await Keyring.from(["s".repeat(32)])), kv);
}

const refused = () => Promise.reject(new TypeError("connection refused"));
const silent = (signal: AbortSignal): Promise<Response> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
/** Headers at once, then nothing more. */
const half = (signal: AbortSignal) =>
  new Response(
    new ReadableStream({
      start: (controller) =>
        signal.addEventListener("abort", () => controller.error(signal.reason)),
    }),
  );

const DISCOVERY = "/.well-known/oauth-authorization-server";
const REGISTER = "/getKeys/register";
const TOKEN = "/getKeys/token";

const AT_START = [
  ["nobody listens", DISCOVERY, refused, "unreachable"],
  ["the metadata never come", DISCOVERY, silent, "timeout"],
  ["the metadata stop half way", DISCOVERY, half, "timeout"],
  ["the metadata are a 503", DISCOVERY, () => new Response(null, { status: 503 }), "unreachable"],
  ["the metadata never end", DISCOVERY, () => new Response("x".repeat(70_000)), "broken"],
  ["nobody listens at registration", REGISTER, refused, "unreachable"],
  ["the registration never comes", REGISTER, silent, "timeout"],
] as const;

for (const [what, at, answer, problem] of AT_START) {
  Deno.test(`${what}: the sign-in does not start (${problem})`, () =>
    withRoom(async (room, kv) => {
      const asked = Promise.withResolvers<void>();
      room.answer = (path, signal) => {
        if (path !== at) return null;
        queueMicrotask(asked.resolve);
        return answer(signal);
      };
      const starting = room.begin();
      await asked.promise;
      if (problem === "timeout") await fire(room);
      const start = await starting;
      assert(!start.ok);
      assertStrictEquals(start.failure.problem, problem);
      assertStrictEquals(start.failure.next, "/tasks");
      assertStrictEquals(room.timers.size, 0, "no timer is left");
      assertStrictEquals((await Array.fromAsync(kv.list({ prefix: ["login"] }))).length, 0);
    }));
}

const AT_EXCHANGE = [
  ["nobody listens", refused, "unreachable"],
  ["the token never comes", silent, "timeout"],
  ["the token stops half way", half, "timeout"],
] as const;

for (const [what, answer, problem] of AT_EXCHANGE) {
  Deno.test(`${what} at the exchange: no sign-in, and the code is sent once (${problem})`, () =>
    withRoom(async (room, kv) => {
      const callback = await room.allowed();
      const asked = Promise.withResolvers<void>();
      room.answer = (path, signal) => {
        if (path !== TOKEN) return null;
        queueMicrotask(asked.resolve);
        return answer(signal);
      };
      const ending = room.login.finish(callback, new AbortController().signal);
      await asked.promise;
      if (problem === "timeout") await fire(room);
      const end = await ending;
      assert(!end.ok);
      assertStrictEquals(end.failure.problem, problem);
      assertStrictEquals(room.sent.filter(({ path }) => path === TOKEN).length, 1);
      assertStrictEquals(room.timers.size, 0);
      assertStrictEquals((await Array.fromAsync(kv.list({ prefix: ["session"] }))).length, 0);
    }));
}

Deno.test("a challenge that is far too long is not read", () =>
  withRoom(async (room) => {
    const callback = await room.allowed();
    const headers = { "www-authenticate": `Bearer ${'a="b", '.repeat(30_000)}c="d"` };
    room.answer = (path) => path === TOKEN ? new Response("{}", { status: 401, headers }) : null;
    let problem: string | null = null;
    const stretch = await longestStretch(async () => {
      const end = await room.login.finish(callback, new AbortController().signal);
      problem = end.ok ? null : end.failure.problem;
    });
    assertStrictEquals(problem, "broken");
    assert(stretch < 1_000, `${stretch} ms`);
  }));

Deno.test("closing the page ends the wait at once", () =>
  withRoom(async (room) => {
    const gone = new AbortController();
    const asked = Promise.withResolvers<void>();
    room.answer = (_, signal) => (asked.resolve(), silent(signal));
    const starting = room.begin(gone.signal);
    await asked.promise;
    gone.abort(new DOMException("The client went away", "AbortError"));
    assertError(await assertRejects(() => starting), { name: "AbortError" });
    assertStrictEquals(room.timers.size, 0);
  }));

Deno.test("the exchange contains what the provider needs and nothing else", () =>
  withRoom(async (room) => {
    const callback = await room.allowed();
    const end = await room.login.finish(callback, new AbortController().signal);
    assert(end.ok);
    const { body } = room.sent.find(({ path }) => path === TOKEN)!;
    const names = [...new URLSearchParams(body).keys()].sort();
    assertEquals(names, ["client_id", "code", "code_verifier", "grant_type", "redirect_uri"]);
  }));

Deno.test("a provider that promises to identify itself must do so", () =>
  withRoom(async (room) => {
    room.answer = (path) =>
      path !== DISCOVERY ? null : Response.json({
        issuer: PLATFORM,
        authorization_endpoint: `${PLATFORM}/getKeys/authorize`,
        token_endpoint: `${PLATFORM}/getKeys/token`,
        registration_endpoint: `${PLATFORM}/getKeys/register`,
        authorization_response_iss_parameter_supported: true,
      });
    const unnamed = await room.allowed();
    const refused = await room.login.finish(unnamed, new AbortController().signal);
    assert(!refused.ok);
    assertStrictEquals(refused.failure.problem, "wrong-issuer");
    const named = await room.allowed();
    named.parameters.set("iss", PLATFORM);
    assert((await room.login.finish(named, new AbortController().signal)).ok);
  }));

const UNTRUSTED: readonly (readonly [what: string, metadata: Record<string, string>])[] = [
  ["plain http", { token_endpoint: "http://provider.invalid/getKeys/token" }],
  ["a script", { authorization_endpoint: "javascript:alert(1)" }],
  ["nothing", { token_endpoint: "" }],
];

for (const [what, metadata] of UNTRUSTED) {
  Deno.test(`metadata that lead to ${what} are ignored in favour of the documented endpoints`, () =>
    withRoom(async (room) => {
      room.answer = (path) =>
        path !== DISCOVERY ? null : Response.json({
          issuer: PLATFORM,
          authorization_endpoint: `${PLATFORM}/elsewhere`,
          token_endpoint: `${PLATFORM}/elsewhere`,
          ...metadata,
        });
      const start = await room.begin();
      assert(start.ok);
      assert(start.location.startsWith(`${PLATFORM}/getKeys/authorize?`), start.location);
    }));
}

Deno.test("null members, a missing token_type and a 200 registration are accepted", () =>
  withRoom(async (room) => {
    room.answer = (path) =>
      path === TOKEN
        ? Response.json({ access_token: "pk-from-parallel", refresh_token: null, expires_in: null })
        : path === REGISTER
        ? Response.json({ client_id: "app.example", client_secret: null })
        : null;
    const callback = await room.allowed();
    assert((await room.login.finish(callback, new AbortController().signal)).ok);
  }));

Deno.test("a foreign origin cannot start a sign-in", () =>
  withRoom(async (room) => {
    const redirectUri = `https://${"a".repeat(3000)}.example/auth/callback`;
    const { signal } = new AbortController();
    const start = await room.login.begin({ ...REQUEST, redirectUri }, signal);
    assert(!start.ok);
    assertStrictEquals(start.failure.problem, "malformed");
    assertStrictEquals(room.sent.length, 0);
  }));

/** Lets the deadline pass, once the request is under way. */
async function fire(room: Room): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (const run of room.timers) run();
}
