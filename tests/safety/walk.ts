/** Every route of the app, found in `routes/`, and an account with content on each. */
import { join, relative } from "node:path";
import type { TestApp, TestBrowser } from "../app/test_app.ts";

const ROUTES = join(import.meta.dirname!, "..", "..", "routes");

/** A route by its file. */
export interface KnownRoute {
  /** As the framework reads it: `/tasks/:id`. */
  readonly pattern: string;
  /** The methods that it answers itself; `*` for all. */
  readonly methods: readonly string[];
}

/** Every route except the proxy, which has its own table of paths. */
export async function findRoutes(folder = ROUTES): Promise<KnownRoute[]> {
  const found: KnownRoute[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) {
      found.push(...await findRoutes(path));
      continue;
    }
    const pattern = patternOf(relative(ROUTES, path));
    if (pattern === null || pattern.startsWith("/api/")) continue;
    found.push({ pattern, methods: methodsOf(await import(path)) });
  }
  return found.sort((a, b) => a.pattern < b.pattern ? -1 : 1);
}

/** The pattern of a route's file; null for `_layout` and the like, and for files in `(_folders)`. */
function patternOf(path: string): string | null {
  const parts = path.replace(/\.tsx?$/, "").split("/");
  if (parts.some((part) => /^\(?_/.test(part))) return null;
  const named = parts.filter((part) => !part.startsWith("(") && part !== "index");
  return `/${named.map((part) => part.replace(/^\[(?:\.\.\.)?(\w+)\]$/, ":$1")).join("/")}`;
}

function methodsOf(module: { handler?: unknown; handlers?: unknown; default?: unknown }): string[] {
  const handler = module.handlers ?? module.handler;
  if (typeof handler === "function") return ["*"];
  const named = typeof handler === "object" && handler !== null ? Object.keys(handler) : [];
  return module.default !== undefined && !named.includes("GET") ? ["GET", ...named] : named;
}

/** A signed-in browser and its account's data. */
export interface Fixture {
  readonly browser: TestBrowser;
  /** A finished run. */
  readonly runId: string;
  /** The run's share token; `null` where runs cannot be shared yet. */
  readonly token: string | null;
}

/** An account with a finished and shared run. */
export async function furnish(app: TestApp): Promise<Fixture> {
  const browser = await app.browser().enterSandbox();
  const runId = await browser.createTask();
  await browser.events(runId);
  const shared = await browser.post(`/tasks/${runId}/share`, {});
  await shared.body?.cancel();
  const page = await browser.fetch(`/tasks/${runId}/result.json`);
  const { share } = await page.json();
  // The instance creates its push key on the first request of the page that shows it.
  await browser.text("/account/notifications");
  // The index is written a moment after the run has ended, not by the next request.
  await app.services.histories.indexer.settled();
  const token = /\/s\/([\w-]+)/.exec(share?.url ?? "")?.[1] ?? null;
  return { browser, runId, token };
}

/** An example for each parameter of a pattern. A new parameter needs a line here. */
const PARAMS: Readonly<Record<string, (fixture: Fixture) => string>> = {
  id: ({ runId }) => runId,
  run_id: ({ runId }) => runId,
  token: ({ token }) => token ?? "no-token",
  /** An export of a run. */
  file: () => "report.md",
  /** Of a batch. */
  action: () => "pause",
};

/** Queries without which a route has nothing to say. */
const QUERIES: Readonly<Record<string, (fixture: Fixture) => string>> = {
  "/compare": ({ runId }) => `?ids=${runId}`,
};

/** The path of a route, with the fixture's parameters. Throws where the table lacks one. */
export function pathOf({ pattern }: KnownRoute, fixture: Fixture): string {
  const path = pattern.replace(/\{?\/?:(\w+)[*+?]?\}?\??/g, (part, name: string) => {
    const make = PARAMS[name];
    if (make === undefined) {
      throw new Error(`${pattern}: give :${name} a value in tests/safety/walk.ts`);
    }
    return (part.includes("/") ? "/" : "") + make(fixture);
  });
  return path + (QUERIES[pattern]?.(fixture) ?? "");
}

/** Everything in the store but the counters of limits, in its order, as text. */
export async function snapshot(app: TestApp): Promise<string[]> {
  const lines: string[] = [];
  for await (const { key, value } of app.services.kv.list({ prefix: [] })) {
    if (key[0] !== "limit") lines.push(Deno.inspect([key, value], SHOW_ALL));
  }
  return lines;
}

const SHOW_ALL = { depth: 20, strAbbreviateSize: 1e9, iterableLimit: 1e9, compact: true } as const;
