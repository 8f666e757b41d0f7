/** The app as a process: its messages if it cannot start, and what survives its end. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { parseSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import { AT_ONCE } from "./at_once.ts";
import { Server } from "./server.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** A client with a cookie, as a browser would be. */
class Client {
  readonly #cookie: string;

  private constructor(cookie: string) {
    this.#cookie = cookie;
  }

  static async enterSandbox(url: string): Promise<Client> {
    const response = await post(`${url}/auth/sandbox`, { next: "/" }, "");
    await response.body?.cancel();
    return new Client(response.headers.getSetCookie()[0]!.split(";")[0]!);
  }

  /** Creates a task and returns its run id. */
  async create(url: string, processor: string): Promise<string> {
    const fields = {
      input: "A question",
      input_format: "text",
      processor,
      output_type: "auto",
      enable_events: "on",
    };
    const response = await post(`${url}/tasks`, fields, this.#cookie);
    await response.body?.cancel();
    assertStrictEquals(response.status, 303);
    return response.headers.get("location")!.slice("/tasks/".length);
  }

  async *events(url: string, runId: string, after: number): AsyncGenerator<SSEEvent> {
    const response = await fetch(`${url}/api/v1/tasks/runs/${runId}/events`, {
      headers: { cookie: this.#cookie, "last-event-id": String(after) },
    });
    assertStrictEquals(response.status, 200);
    yield* parseSSE(response);
  }
}

function post(url: string, fields: Record<string, string>, cookie: string): Promise<Response> {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { cookie, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams(fields),
  });
}

const ended = (event: SSEEvent | undefined) =>
  event !== undefined && JSON.parse(event.data).run?.is_active === false;

const BAD: readonly [name: string, value: string, line: RegExp][] = [
  ["PORT", "eighty", /^PORT must be a whole number from 0 to 65535, not "eighty"\n$/],
  ["SESSION_SECRET", "short", /^SESSION_SECRET must have 32 or more characters[^\n]*\n$/],
  ["DENO_DEPLOYMENT_ID", "d", /^SESSION_SECRET must be set on Deno Deploy[^\n]*\n$/],
  ["KV_PATH", "/", /^The database cannot be opened at KV_PATH \/: [^\n]*\n$/],
  ["KV_PATH", join(ROOT, "README.md"), /^The database cannot be opened at KV_PATH [^\n]*\n$/],
  ["KV_PATH", "/proc/none/kv.db", /^The database cannot be opened at KV_PATH [^\n]*\n$/],
  ["HOST", "999.1.1.1", /^HOST 999\.1\.1\.1 cannot be listened on: [^\n]*\n$/],
];

for (const [name, value, line] of BAD) {
  Deno.test(`${name}=${value} stops the start with one line and exit code 1`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "main.ts"],
      cwd: ROOT,
      env: { PORT: "0", KV_PATH: ":memory:", NO_COLOR: "1", [name]: value },
    }).output();
    assertStrictEquals(code, 1);
    assertStrictEquals(stdout.byteLength, 0);
    assertMatch(new TextDecoder().decode(stderr), line);
  });
}

Deno.test("a port in use is reported, with exit code 1", async () => {
  await using server = await Server.start();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts"],
    cwd: ROOT,
    env: { PORT: new URL(server.url).port, HOST: "127.0.0.1", KV_PATH: ":memory:", NO_COLOR: "1" },
  }).output();
  assertStrictEquals(code, 1);
  assertMatch(new TextDecoder().decode(stderr), /^Port \d+ is in use[^\n]*\n$/);
});

async function continuesAfterRestart(): Promise<void> {
  await using server = await Server.start({ SANDBOX_SPEED: "1" });
  const client = await Client.enterSandbox(server.url);
  const runId = await client.create(server.url, "pro");
  const seen: SSEEvent[] = [];
  try {
    for await (const event of client.events(server.url, runId, 0)) {
      seen.push(event);
      if (seen.length === 6) await server.stop("SIGKILL");
    }
  } catch {
    // The connection died with the server.
  }
  await server.start();
  for await (const event of client.events(server.url, runId, Number(seen.at(-1)!.id))) {
    seen.push(event);
  }
  assert(ended(seen.at(-1)));
  assertEquals(seen.map((event) => event.id), seen.map((_, at) => String(at + 1)));
  const again = await Array.fromAsync(client.events(server.url, runId, 0));
  assertEquals(again.map((event) => event.data), seen.map((event) => event.data));
}

async function recordsOnce(): Promise<void> {
  await using one = await Server.start({ SANDBOX_SPEED: "5" });
  await using two = await one.twin();
  const client = await Client.enterSandbox(one.url);
  const runId = await client.create(one.url, "pro");
  const [here, there] = await Promise.all([
    Array.fromAsync(client.events(one.url, runId, 0)),
    Array.fromAsync(client.events(two.url, runId, 0)),
  ]);
  assert(ended(here.at(-1)));
  assertEquals(there, here);
}

async function handsOver(): Promise<void> {
  await using one = await Server.start({ SANDBOX_SPEED: "2" });
  await using two = await one.twin();
  const client = await Client.enterSandbox(one.url);
  const runId = await client.create(one.url, "pro");
  const events = client.events(one.url, runId, 0);
  for (let count = 0; count < 5; count++) await events.next();
  const stopped = one.stop();
  // The stream ends cleanly, which tells the viewer to resume elsewhere.
  const rest = await Array.fromAsync(events);
  assert(!ended(rest.at(-1)));
  assertStrictEquals(await stopped, 0);
  const after = 5 + rest.length;
  const resumed = await Array.fromAsync(client.events(two.url, runId, after));
  assertEquals(
    resumed.map((event) => event.id),
    resumed.map((_, at) => String(after + at + 1)),
  );
  assert(ended(resumed.at(-1)));
}

Deno.test("servers that share a database, or start on it again", async (t) => {
  const steps = [
    {
      name: "a killed server's run continues after the restart without gaps or repeats",
      fn: continuesAfterRestart,
    },
    {
      name:
        "two servers on one database: one records, both show everything, sessions hold on either",
      fn: recordsOnce,
    },
    { name: "a stopping server hands its run to the other server at once", fn: handsOver },
  ];
  await Promise.all(steps.map((step) => t.step({ ...step, ...AT_ONCE })));
});
