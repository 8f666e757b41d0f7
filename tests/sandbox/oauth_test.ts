/** The simulated provider follows RFC 6749, RFC 7636 and Parallel's documentation. */
import { assert, assertMatch, assertNotEquals, assertStrictEquals } from "@std/assert";
import { createProvider, isSimulatedKey } from "../../lib/sandbox/oauth/provider.ts";
import { NOON } from "./support.ts";

const ORIGIN = "http://localhost:9000";
const CALLBACK = "http://127.0.0.1:8000/auth/callback";
/** RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** A provider, its clock, and short ways to ask it. */
class Room {
  ms = NOON;
  readonly #provider = createProvider({ now: () => this.ms });

  async ask(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.#provider.fetch(new Request(ORIGIN + path, init));
    assert(response !== null, path);
    return response;
  }

  async register(redirect_uris: unknown): Promise<Response> {
    return await this.ask("/getKeys/register", {
      method: "POST",
      body: JSON.stringify({ redirect_uris }),
    });
  }

  async authorize(change: Record<string, string | null> = {}): Promise<Response> {
    const parameters = new URLSearchParams({
      client_id: "127.0.0.1",
      redirect_uri: CALLBACK,
      response_type: "code",
      scope: "key:read",
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      state: "abc",
    });
    for (const [name, value] of Object.entries(change)) {
      if (value === null) parameters.delete(name);
      else parameters.set(name, value);
    }
    return await this.ask(`/getKeys/authorize?${parameters}`);
  }

  async decide(page: string, fields: Record<string, string> = {}): Promise<Response> {
    const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const body = new URLSearchParams({ ticket, decision: "allow", key: "new", ...fields });
    return await this.ask("/getKeys/authorize", { method: "POST", body });
  }

  /** A code that the person allowed. */
  async code(change: Record<string, string | null> = {}): Promise<string> {
    const response = await this.decide(await (await this.authorize(change)).text());
    const location = new URL(response.headers.get("location")!);
    return location.searchParams.get("code")!;
  }

  async exchange(change: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "127.0.0.1",
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...change,
    });
    return await this.ask("/getKeys/token", { method: "POST", body });
  }
}

Deno.test("metadata, consent and exchange give a key of this sandbox", async () => {
  const room = new Room();
  const metadata = await (await room.ask("/.well-known/oauth-authorization-server")).json();
  assertStrictEquals(metadata.issuer, ORIGIN);
  assertStrictEquals(metadata.token_endpoint, `${ORIGIN}/getKeys/token`);
  const response = await room.exchange({ code: await room.code() });
  assertStrictEquals(response.status, 200);
  assertStrictEquals(response.headers.get("cache-control"), "no-store");
  assert(isSimulatedKey((await response.json()).access_token));
});

Deno.test("a registered client is known by its ID, also after a restart", async () => {
  const registered = await new Room().register([CALLBACK]);
  assertStrictEquals(registered.status, 201);
  const { client_id } = await registered.json();
  const room = new Room();
  const code = await room.code({ client_id });
  assertStrictEquals((await room.exchange({ code, client_id })).status, 200);
});

Deno.test("the first key stays the same each time, and a new key is new", async () => {
  const room = new Room();
  const key = async (choice: string) => {
    const response = await room.decide(await (await room.authorize()).text(), { key: choice });
    const code = new URL(response.headers.get("location")!).searchParams.get("code")!;
    return (await (await room.exchange({ code })).json()).access_token;
  };
  assertStrictEquals(await key("first"), await key("first"));
  assertNotEquals(await key("first"), await key("second"));
  assertNotEquals(await key("new"), await key("new"));
});

Deno.test("denying consent redirects back with access_denied and the state", async () => {
  const room = new Room();
  const response = await room.decide(await (await room.authorize()).text(), { decision: "deny" });
  const back = new URL(response.headers.get("location")!);
  assertStrictEquals(back.origin + back.pathname, CALLBACK);
  assertStrictEquals(back.searchParams.get("error"), "access_denied");
  assertStrictEquals(back.searchParams.get("state"), "abc");
  assertStrictEquals(back.searchParams.get("code"), null);
});

Deno.test("a verifier longer than RFC 7636 allows is accepted, as in Parallel's example", async () => {
  const room = new Room();
  const verifier = "1".repeat(160);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const code_challenge = new Uint8Array(hash).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  const code = await room.code({ code_challenge });
  assertStrictEquals((await room.exchange({ code, code_verifier: verifier })).status, 200);
});

const REDIRECTS_REFUSED = [
  "",
  "nothing",
  "http://app.example/callback",
  "javascript:alert(1)",
  "https://app.example/callback#fragment",
  "https://user@app.example/callback",
  "app:/callback",
  "http://127.0.0.1.evil.example/callback",
  "http://localhost.evil.example/callback",
];

for (const redirect_uri of REDIRECTS_REFUSED) {
  Deno.test(`the redirect URI "${redirect_uri}" gets a page, no redirect and no registration`, async () => {
    const room = new Room();
    const client_id = URL.parse(redirect_uri)?.hostname ?? "x";
    const response = await room.authorize({ redirect_uri, client_id });
    assertStrictEquals(response.status, 400);
    assertStrictEquals(response.headers.get("location"), null);
    assertStrictEquals((await room.register([redirect_uri])).status, 400);
  });
}

Deno.test("a client ID that does not belong to the redirect URI gets a page, no redirect", async () => {
  const response = await new Room().authorize({ client_id: "app.example" });
  assertStrictEquals(response.status, 400);
  assertStrictEquals(response.headers.get("location"), null);
  assertMatch(response.headers.get("content-security-policy")!, /frame-ancestors 'none'/);
});

const REQUESTS_REFUSED:
  readonly (readonly [change: Record<string, string | null>, error: string])[] = [
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ response_type: null }, "unsupported_response_type"],
    [{ scope: "api" }, "invalid_scope"],
    [{ code_challenge: null }, "invalid_request"],
    [{ code_challenge: "short" }, "invalid_request"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ code_challenge_method: null }, "invalid_request"],
  ];

for (const [change, error] of REQUESTS_REFUSED) {
  Deno.test(`a request with ${JSON.stringify(change)} is redirected back with ${error}`, async () => {
    const response = await new Room().authorize(change);
    assertStrictEquals(response.status, 303);
    const back = new URL(response.headers.get("location")!);
    assertStrictEquals(back.origin + back.pathname, CALLBACK);
    assertStrictEquals(back.searchParams.get("error"), error);
    assertStrictEquals(back.searchParams.get("state"), "abc");
  });
}

const EXCHANGES_REFUSED:
  readonly (readonly [change: Record<string, string>, status: number, error: string])[] = [
    [{ grant_type: "password" }, 400, "unsupported_grant_type"],
    [{ code: "unknown" }, 400, "invalid_grant"],
    [{ client_id: "app.example" }, 401, "invalid_client"],
    [{ redirect_uri: "http://127.0.0.1:8000/elsewhere" }, 400, "invalid_grant"],
    [{ code_verifier: `${VERIFIER}x` }, 400, "invalid_grant"],
    [{ code_verifier: CHALLENGE }, 400, "invalid_grant"],
    [{ code_verifier: "" }, 400, "invalid_grant"],
  ];

for (const [change, status, error] of EXCHANGES_REFUSED) {
  Deno.test(`an exchange with ${JSON.stringify(change)} is rejected, and the code is spent`, async () => {
    const room = new Room();
    const code = await room.code();
    const response = await room.exchange({ code, ...change });
    assertStrictEquals(response.status, status);
    assertStrictEquals((await response.json()).error, error);
    const again = await room.exchange({ code });
    assertStrictEquals(again.status, change.code === undefined ? 400 : 200);
  });
}

Deno.test("a code can be used once, within a minute", async () => {
  const room = new Room();
  const code = await room.code();
  assertStrictEquals((await room.exchange({ code })).status, 200);
  assertStrictEquals((await room.exchange({ code })).status, 400);
  const late = await room.code();
  room.ms += 60_001;
  assertStrictEquals((await room.exchange({ code: late })).status, 400);
});

Deno.test("a consent can be answered once, within ten minutes", async () => {
  const room = new Room();
  const page = await (await room.authorize()).text();
  assertStrictEquals((await room.decide(page)).status, 303);
  assertStrictEquals((await room.decide(page)).status, 400);
  const late = await (await room.authorize()).text();
  room.ms += 600_001;
  assertStrictEquals((await room.decide(late)).status, 400);
});

Deno.test("other requests are left to the Task API", async () => {
  const provider = createProvider();
  for (const path of ["/v1/tasks/runs", "/getKeys/device/code", "/"]) {
    assertStrictEquals(await provider.fetch(new Request(ORIGIN + path)), null);
  }
});
