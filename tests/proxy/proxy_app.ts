/** The whole app behind a real loopback server, and a Task API that logs its requests. */
import { Parallel } from "parallel-web";
import type { Config } from "../../lib/config.ts";
import { TestApp } from "../app/test_app.ts";

/** A request that reached the fake Task API. */
export interface Reached {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
  /** Aborts when the connection is given up from the other side. */
  readonly signal: AbortSignal;
}

/** What the fake Task API answers. */
export type FakeApi = (reached: Reached) => Response | Promise<Response>;

/** How a test's proxy differs from the default one. */
export interface ProxyOptions {
  readonly config?: Partial<Config>;
  readonly api?: FakeApi;
  /** Answers what recorder and sign-in ask; a 404 by default. */
  readonly recorderApi?: (request: Request) => Response | Promise<Response>;
  readonly now?: () => number;
}

/** An app that listens, and what reached its upstream. */
export interface ProxyApp {
  readonly app: TestApp;
  /** Origin of the app. */
  readonly origin: string;
  readonly port: number;
  readonly reached: readonly Reached[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** A run as the API returns it from a create or a status request. */
export function runJson(over: Record<string, unknown> = {}): Record<string, unknown> {
  const id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
  return {
    run_id: id,
    interaction_id: id,
    status: "queued",
    is_active: true,
    processor: "lite",
    metadata: {},
    created_at: "2026-01-01T00:00:00.000000Z",
    modified_at: "2026-01-01T00:00:00.000000Z",
    ...over,
  };
}

/** An error as the API words it. */
export function errorJson(message: string, detail: unknown = null): Record<string, unknown> {
  return { type: "error", error: { ref_id: "ref", message, detail } };
}

/** A run that does not exist: what the API says to everything a test does not care about. */
export const notFound: FakeApi = () =>
  Response.json(errorJson("Run id not found"), { status: 404 });

const unknownRun = () => Response.json(errorJson("Run id not found"), { status: 404 });

/** Runs a test against an app on a port of its own. */
export async function withProxy(
  test: (proxy: ProxyApp) => Promise<void>,
  { config = {}, api = notFound, recorderApi = unknownRun, now }: ProxyOptions = {},
): Promise<void> {
  const reached: Reached[] = [];
  const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const upstream = Deno.serve(quiet, async (request) => {
    const { origin } = new URL(request.url);
    const arrived: Reached = {
      method: request.method,
      target: request.url.slice(origin.length),
      headers: request.headers,
      body: await request.text(),
      signal: request.signal,
    };
    reached.push(arrived);
    return await api(arrived);
  });
  const app = await TestApp.start({
    config: { parallelApiUrl: `http://127.0.0.1:${upstream.addr.port}`, ...config },
    // Only the proxy asks for identity: what recorder and sign-in send is not counted here.
    api: (request) =>
      request.headers.get("accept-encoding") === "identity" ? fetch(request) : recorderApi(request),
    now,
  });
  const server = Deno.serve(quiet, (request, info) => app.handle(request, info));
  const { port } = server.addr;
  const origin = `http://127.0.0.1:${port}`;
  try {
    await test({
      app,
      origin,
      port,
      reached,
      fetch: (path, init) => fetch(origin + path, init),
    });
  } finally {
    await app.services.drain();
    await Promise.all([server.shutdown(), upstream.shutdown()]);
    await app.close();
  }
}

/** The official SDK on the proxy. It repeats nothing: a test counts what arrives. */
export function sdk(origin: string, apiKey: string): Parallel {
  return new Parallel({ apiKey, baseURL: `${origin}/api`, maxRetries: 0 });
}
