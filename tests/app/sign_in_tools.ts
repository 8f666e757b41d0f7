/** The app in this process, the simulated provider behind its `fetch`, and a person between the two. */
import { createProvider } from "../../lib/sandbox/oauth/provider.ts";
import type { OAuthFault } from "../../lib/sandbox/oauth/faults.ts";
import { ORIGIN, TestApp, type TestAppOptions, type TestBrowser } from "./test_app.ts";

/** Where the provider is; nothing listens there, requests to it are answered in this process. */
export const PROVIDER = "http://provider.invalid";

/** What the person does at the provider. */
export interface Decision {
  readonly decision?: "allow" | "deny";
  readonly key?: "first" | "second" | "new";
  readonly fault?: OAuthFault;
}

/** How a test's provider differs from the default one. */
export interface ProviderAppOptions extends TestAppOptions {
  readonly faults?: readonly OAuthFault[];
  /** Answers instead of the provider, where it returns something. */
  readonly intercept?: (request: Request) => Response | null | Promise<Response | null>;
}

/** An app, its provider, and what the app asked of it. */
export class ProviderApp {
  readonly app: TestApp;
  readonly asked: string[];
  readonly #fetch: (request: Request) => Promise<Response>;

  constructor(app: TestApp, asked: string[], fetch: (request: Request) => Promise<Response>) {
    this.app = app;
    this.asked = asked;
    this.#fetch = fetch;
  }

  /** Starts a sign-in: where the app sends the browser. */
  async begin(browser: TestBrowser, next = "/tasks", headers?: HeadersInit): Promise<URL> {
    const path = `/auth/login?${new URLSearchParams({ next })}`;
    const response = await browser.fetch(path, { headers });
    const location = response.headers.get("location");
    if (response.status !== 303 || location === null) {
      throw new Error(`/auth/login answered ${response.status}: ${await response.text()}`);
    }
    return new URL(location);
  }

  /** Opens the provider's page and decides: where the provider sends the browser. */
  async decide(asked: URL, decision: Decision = {}): Promise<URL> {
    const page = await (await this.#fetch(new Request(asked))).text();
    const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1];
    if (ticket === undefined) throw new Error(`The provider asks nothing: ${page}`);
    const body = new URLSearchParams({
      ticket,
      decision: decision.decision ?? "allow",
      key: decision.key ?? "first",
      fault: decision.fault ?? "",
    });
    const request = new Request(`${PROVIDER}/getKeys/authorize`, { method: "POST", body });
    const location = (await this.#fetch(request)).headers.get("location");
    if (location === null) throw new Error("The provider sends nobody back");
    return new URL(location);
  }

  /** Follows the provider back to the app. */
  async back(browser: TestBrowser, location: URL): Promise<Response> {
    if (location.origin !== ORIGIN) throw new Error(`Sent to ${location.origin}`);
    const headers = { "sec-fetch-site": "cross-site" };
    return await browser.fetch(location.pathname + location.search, { headers });
  }

  /** The whole way. */
  async signIn(browser: TestBrowser, decision: Decision = {}): Promise<Response> {
    return await this.back(browser, await this.decide(await this.begin(browser), decision));
  }
}

/** Runs a test against an app with a provider. */
export async function withProvider(
  test: (provided: ProviderApp) => Promise<void>,
  { faults = [], intercept, api, config, now }: ProviderAppOptions = {},
): Promise<void> {
  const provider = createProvider({ faults: new Set(faults), now });
  const asked: string[] = [];
  const answer = async (request: Request) =>
    await intercept?.(request.clone()) ?? await provider.fetch(request) ??
      new Response(null, { status: 404 });
  const app = await TestApp.start({
    config: { parallelPlatformUrl: PROVIDER, ...config },
    now,
    api: async (request) => {
      const { origin, pathname } = new URL(request.url);
      if (origin !== PROVIDER) return await (api ?? knowsNoRun)(request);
      asked.push(`${request.method} ${pathname}`);
      return await answer(request);
    },
  });
  try {
    await test(new ProviderApp(app, asked, answer));
  } finally {
    await app.close();
  }
}

function knowsNoRun(): Response {
  const error = { ref_id: crypto.randomUUID(), message: "Run id not found" };
  return Response.json({ type: "error", error }, { status: 404 });
}
