/** A client with OAuth gets its key from the authorization server in the metadata. */
import {
  Client,
  type OAuthClientInformationMixed,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type OAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createProvider } from "../../lib/sandbox/oauth/provider.ts";
import { ORIGIN, withApp } from "../app/test_app.ts";
import { fetchOf } from "./agents.ts";

/** Answered in this process. The client sends codes to https addresses and to this machine alone. */
const PROVIDER = "http://localhost:9000";
const REDIRECT = "http://127.0.0.1:33418/callback";

/** A client's memory of its sign-in. */
class Memory implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT;
  readonly clientMetadata = { client_name: "Test agent", redirect_uris: [REDIRECT] };
  authorization: URL | null = null;
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = "";
  #discovery: OAuthDiscoveryState | undefined;

  clientInformation = () => this.#client;
  saveClientInformation = (client: OAuthClientInformationMixed) => void (this.#client = client);
  tokens = () => this.#tokens;
  saveTokens = (tokens: OAuthTokens) => void (this.#tokens = tokens);
  redirectToAuthorization = (url: URL) => void (this.authorization = url);
  saveCodeVerifier = (verifier: string) => void (this.#verifier = verifier);
  codeVerifier = () => this.#verifier;
  saveDiscoveryState = (state: OAuthDiscoveryState) => void (this.#discovery = state);
  discoveryState = () => this.#discovery;
}

/** The person's consent at the provider: the code that the client's redirect address gets. */
async function consent(fetch: typeof globalThis.fetch, asked: URL): Promise<string> {
  const page = await (await fetch(asked)).text();
  const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const body = new URLSearchParams({ ticket, decision: "allow", key: "first", fault: "" });
  const answer = await fetch(`${PROVIDER}/getKeys/authorize`, { method: "POST", body });
  const back = new URL(answer.headers.get("location") ?? "about:blank");
  assert(back.href.startsWith(REDIRECT), back.href);
  return back.searchParams.get("code") ?? "";
}

Deno.test("the official client signs in with Parallel, and its token is the key", () => {
  const seen: string[] = [];
  return withApp(async (app) => {
    const provider = createProvider();
    const hosts: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const { origin } = new URL(request.url);
      hosts.push(origin);
      if (origin === ORIGIN) return await fetchOf(app)(request);
      return await provider.fetch(request) ?? new Response(null, { status: 404 });
    };
    const memory = new Memory();
    const transport = () =>
      new StreamableHTTPClientTransport(new URL(`${ORIGIN}/mcp`), { authProvider: memory, fetch });
    const info = { name: "test-agent", version: "1.0.0" };

    const first = transport();
    const refused = new Client(info, { versionNegotiation: { mode: "auto" } });
    await assertRejects(() => refused.connect(first), UnauthorizedError);
    const asked = memory.authorization;
    assert(asked !== null);
    assertEquals(
      [asked.origin, asked.searchParams.get("scope"), asked.searchParams.get("resource")],
      [PROVIDER, "key:read", `${ORIGIN}/mcp`],
    );
    await first.finishAuth(await consent(fetch, asked));

    const client = new Client(info, { versionNegotiation: { mode: "auto" } });
    await client.connect(transport());
    assertStrictEquals((await client.listTools()).tools.length, 7);
    await client.close();
    // Only the API is asked about the token, as a key.
    assertEquals([...new Set(seen)], [memory.tokens()?.access_token ?? ""]);
    assertEquals([...new Set(hosts)].sort(), [ORIGIN, PROVIDER]);
  }, {
    config: { parallelPlatformUrl: PROVIDER },
    api: (request) => {
      seen.push(request.headers.get("x-api-key") ?? "");
      const error = { ref_id: "r", message: "Run id not found", detail: null };
      return Response.json({ type: "error", error }, { status: 404 });
    },
  });
});
