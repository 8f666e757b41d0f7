/** Sends thousands of malformed requests. None may crash the server or cause a 5xx. */
import { assert, assertStrictEquals } from "@std/assert";
import v8 from "node:v8";
import vm from "node:vm";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { type Ground, nextRequest, Random } from "./fuzz_requests.ts";
import { findRoutes, pathOf } from "./walk.ts";

const REQUESTS = 20_000;
const API_KEY = "pk-fuzz-canary-4711";

/** The seed; `FUZZ_SEED` tries another one, or one that failed again. */
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? 4711);

const refusal = (status: number) =>
  Response.json({ type: "error", error: { ref_id: "r", message: "Refused", detail: null } }, {
    status,
  });

/** An API that refuses everything, in all the ways that there are. */
function hostileApi(random: Random): Response {
  return random.pick([
    () => refusal(random.pick([400, 401, 402, 403, 404, 409, 422, 429, 500, 503])),
    () => refusal(404),
    () => new Response("<html>", { status: 404 }),
    () => Response.json([], { status: 200 }),
    () => new Response(null, { status: 302, headers: { location: "https://evil.example" } }),
  ])();
}

/**
 * Whether a 5xx is the word of somebody else who was asked: the API, whose own failures the proxy passes
 * on, or the sign-in provider.
 */
function isTheirs(status: number, path: string, words: string): boolean {
  if (/^\/+api\//.test(path)) return status === 502 || status === 504 || /"Refused"/.test(words);
  // The API was asked about the key, and said nothing of it.
  if (/^\/+mcp/.test(path)) return status === 503 && /did not say/.test(words);
  return /^\/+(?:tasks|batches|watches|auth\/(?:login|callback))/.test(path) &&
    (status === 502 || status === 504);
}

/** Collects garbage and returns the size of the heap (bytes). */
function heapLeft(): number {
  v8.setFlagsFromString("--expose-gc");
  vm.runInNewContext("gc")();
  return Deno.memoryUsage().heapUsed;
}

/** Checks one answer and follows the session where it moves. */
async function check(
  app: TestApp,
  request: Request,
  asked: string,
  ground: { cookie: string },
): Promise<number> {
  const response = await app.handle(request);
  const { status, headers } = response;
  if (status >= 500) {
    const words = await response.text();
    const { pathname } = new URL(request.url);
    const details = `${asked}: ${status} ${words.slice(0, 500)}\n${app.lines.join("\n")}`;
    assert(isTheirs(status, pathname, words), details);
  } else await response.body?.cancel();
  // Signing in again moves the session on.
  const moved = headers.getSetCookie().find((cookie) => /^taskstream=[^;]/.test(cookie));
  if (moved !== undefined) ground.cookie = moved.split(";", 1)[0] ?? "";
  assertStrictEquals(headers.get("x-content-type-options"), "nosniff", asked);
  assert(status === 304 || headers.has("content-security-policy"), asked);
  for (const line of app.lines) {
    assert(!line.includes(API_KEY) && !/[\r\n]/.test(line), `${asked}: ${line}`);
  }
  app.lines.length = 0;
  return status;
}

Deno.test(
  `${REQUESTS} malformed requests of seed ${SEED}: no 5xx of ours, no crash, no memory growth`,
  async (t) => {
    const statuses = new Map<number, number>();
    const heap: number[] = [];
    const random = new Random(SEED);
    let api = () => refusal(404);
    await withApp(async (app) => {
      const browser = await app.browser().enterKey(API_KEY);
      const fixture = { browser, runId: "trun_x", token: "no-token" };
      const ground: Ground & { cookie: string } = {
        places: (await findRoutes()).map((route) => ({
          path: pathOf(route, fixture),
          methods: route.methods,
        })),
        cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        apiKey: API_KEY,
      };
      api = () => hostileApi(random);
      for (let sent = 0; sent < REQUESTS;) {
        const request = nextRequest(random, ground);
        // Signed out, the rest would not get far.
        if (request === null || request.url.includes("/auth/logout")) continue;
        sent++;
        const asked = `#${sent} ${request.method} ${request.url}`;
        const status = await check(app, request, asked, ground);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (sent % (REQUESTS / 4) === 0) heap.push(heapLeft());
      }
      const after = new Request(`${ORIGIN}/tasks`, { headers: { cookie: ground.cookie } });
      assertStrictEquals(
        (await app.handle(after)).status,
        200,
        "the app goes on, and the session too",
      );
    }, { api: () => api() });
    const [first = 0] = heap;
    const last = heap.at(-1) ?? 0;
    const megabytes = heap.map((bytes) => (bytes / 1e6).toFixed(1)).join(" ");
    assert(last < first + 8e6, `heap after each quarter: ${megabytes} MB`);
    const list = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status} × ${n}`);
    await t.step(`${list.join(", ")}; heap after each quarter: ${megabytes} MB`, () => {});
  },
);
