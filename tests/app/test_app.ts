/** The whole app in this process: real routes, real store in memory, the sandbox or a stubbed API. */
import type { App } from "fresh";
import { Builder } from "fresh/dev";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Timers } from "../../lib/base/timers.ts";
import { frameworkAt, isCurrent } from "../../lib/build/mod.ts";
import { config as freshConfig } from "../../fresh.config.ts";
import { createApp } from "../../lib/app.ts";
import { type Config, readConfig } from "../../lib/config.ts";
import { createLog } from "../../lib/base/log.ts";
import { openServices, type ServiceOptions, type Services } from "../../lib/services.ts";
import { parseSSE, type SSEEvent } from "../../lib/sse/mod.ts";

export const ORIGIN = "http://localhost:8000";

/** What `Deno.serve` says of a request: Fresh's own default does not say when it is completed. */
const FROM_HERE: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
  completed: Promise.resolve(),
};

/** How a test's app differs from the default one. */
export interface TestAppOptions {
  readonly config?: Partial<Config>;
  /** Stands in for the Task API of keys that are not the sandbox's. */
  readonly api?: (request: Request) => Response | Promise<Response>;
  /** Where the islands are, if not in the project's own directory: makes a build of its own. */
  readonly islandDir?: string;
  /** Unix ms; the real time by default. KV expires entries by its own clock all the same. */
  readonly now?: () => number;
  readonly leaseTimes?: { readonly leaseMs: number; readonly graceMs: number };
  /** What bounds the waits of requests for their turn. */
  readonly timers?: Timers;
  /** Leads notifications' requests to this machine. */
  readonly outgoing?: ServiceOptions["outgoing"];
}

/** Tests press harder than people; those of the limits set their own. */
const UNLIMITED: Partial<Config> = {
  createLimitPerMinute: 1_000_000,
  requestLimitPerMinute: 1_000_000,
  signinLimitPerMinute: 1_000_000,
  sandboxCreatesPerMinute: 1_000_000,
  sandboxRunsMax: 1_000_000,
  sandboxBytesMax: Number.MAX_SAFE_INTEGER,
  sandboxFaults: true,
};

type Attach = <State>(app: App<State>) => void;

const makeBuild = (options: ConstructorParameters<typeof Builder>[0]): Promise<Attach> =>
  new Builder(options).build({ mode: "production", snapshot: "memory" });

/**
 * The build on disk if it is of the sources as they are, else one in memory: a build takes seconds, and
 * every test file runs in an isolate of its own. Fresh's own builder writes none that can be attached.
 */
async function currentBuild(): Promise<Attach> {
  const { root, outDir } = freshConfig;
  const project = new URL("../../", import.meta.url).href;
  if (await isCurrent(root, outDir, frameworkAt(project, import.meta.resolve("fresh")))) {
    const { attach }: { attach?: Attach } = await import(
      pathToFileURL(join(root, outDir, "snapshot.js")).href
    );
    if (attach !== undefined) return attach;
  }
  return await makeBuild(freshConfig);
}

let build: Promise<Attach> | undefined;

/** A running app and a browser-like client for it. */
export class TestApp {
  readonly services: Services;
  readonly lines: string[];
  readonly #handler: (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

  private constructor(
    services: Services,
    lines: string[],
    handler: (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>,
  ) {
    this.services = services;
    this.lines = lines;
    this.#handler = handler;
  }

  static async start(
    { config = {}, api, islandDir, leaseTimes, now, timers, outgoing }: TestAppOptions = {},
  ): Promise<TestApp> {
    const attach =
      await (islandDir === undefined
        ? build ??= currentBuild()
        : makeBuild({ ...freshConfig, islandDir }));
    const lines: string[] = [];
    const log = createLog({ level: "debug", format: "text", write: (line) => lines.push(line) });
    const base = readConfig(() => undefined);
    const services = await openServices(
      { ...base, ...UNLIMITED, kvPath: ":memory:", sandboxSpeed: 100, ...config },
      log,
      {
        fetch: async (input, init) => await (api ?? unreachable)(new Request(input, init)),
        now,
        leaseTimes,
        timers,
        outgoing,
      },
    );
    services.limits.bodies.limits = { perAddress: Infinity, inAll: Infinity };
    const app = createApp(services);
    attach(app);
    return new TestApp(services, lines, app.handler());
  }

  /** A new browser: no cookies yet. */
  browser(): TestBrowser {
    return new TestBrowser(this);
  }

  /** A request exactly as given. */
  handle(request: Request, info: Deno.ServeHandlerInfo = FROM_HERE): Promise<Response> {
    return this.#handler(request, info);
  }

  close(): Promise<void> {
    return this.services.close();
  }
}

function unreachable(): Promise<Response> {
  return Promise.reject(new TypeError("connection refused"));
}

/** Keeps cookies and says where its requests come from, as a browser does. */
export class TestBrowser {
  readonly #app: TestApp;
  readonly cookies = new Map<string, string>();

  constructor(app: TestApp) {
    this.#app = app;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookies.size > 0) {
      headers.set(
        "cookie",
        [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      );
    }
    if (!headers.has("sec-fetch-site")) headers.set("sec-fetch-site", "same-origin");
    const response = await this.#app.handle(new Request(ORIGIN + path, { ...init, headers }));
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split("; ");
      const [name = "", value = ""] = pair.split("=");
      if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  async text(path: string): Promise<string> {
    const response = await this.fetch(path);
    return await response.text();
  }

  post(path: string, fields: Record<string, string>, headers?: HeadersInit): Promise<Response> {
    return this.fetch(path, { method: "POST", body: new URLSearchParams(fields), headers });
  }

  /** Signs in to the sandbox. */
  async enterSandbox(): Promise<this> {
    const response = await this.post("/auth/sandbox", { next: "/" });
    if (response.status !== 303) throw new Error(`Sign-in answered ${response.status}`);
    return this;
  }

  /** Signs in with a key of the (stubbed) API. */
  async enterKey(apiKey = "pk-test-key-1234"): Promise<this> {
    const response = await this.post("/auth/key", { api_key: apiKey, next: "/" });
    const location = response.headers.get("location");
    if (response.status !== 303 || location !== "/") {
      throw new Error(`Sign-in answered ${response.status} ${location}`);
    }
    return this;
  }

  /** Creates a task by the form and returns its run id. */
  async createTask(fields: Record<string, string> = {}): Promise<string> {
    const response = await this.post("/tasks", { ...FORM, ...fields });
    const location = response.headers.get("location");
    if (response.status !== 303 || !location?.startsWith("/tasks/")) {
      throw new Error(`Create answered ${response.status}: ${await response.text()}`);
    }
    return location.slice("/tasks/".length);
  }

  /** The events of a run from an id on, until the stream ends. */
  async events(runId: string, after?: number): Promise<SSEEvent[]> {
    const headers: HeadersInit = after === undefined ? {} : { "last-event-id": String(after) };
    const response = await this.fetch(`/api/v1/tasks/runs/${runId}/events`, { headers });
    if (response.status !== 200) throw new Error(`Events answered ${response.status}`);
    const limits = { maxLineBytes: 64 << 20, maxEventBytes: 64 << 20 };
    return await Array.fromAsync(parseSSE(response, limits));
  }
}

/** The least that makes a task. */
export const FORM: Readonly<Record<string, string>> = {
  input: "What is the tallest building in Lyon?",
  input_format: "text",
  processor: "lite",
  output_type: "auto",
  enable_events: "on",
};

/** Runs a test against an app of its own. */
export async function withApp(
  test: (app: TestApp) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  const app = await TestApp.start(options);
  try {
    await test(app);
  } finally {
    await app.close();
  }
}
