import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  connectSSE,
  type ConnectSSEInit,
  type ConnectState,
  encodeSSE,
  SSEError,
  type Timers,
} from "../../lib/sse/mod.ts";
import { all } from "./support/body.ts";
import { utf8 } from "./support/read.ts";
import { assertError } from "../assert_error.ts";

/** What is kept of a request: Deno's own closes with the exchange. */
type Seen = { path: string; headers: Headers };

/** A real server on the loopback: what it does with its nth request. */
async function withServer(
  answers: readonly ((request: Request) => Response | Promise<Response>)[],
  use: (url: string, requests: Seen[]) => Promise<void>,
) {
  const requests: Seen[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const seen = { path: new URL(request.url).pathname, headers: new Headers(request.headers) };
    const answer = answers[requests.push(seen) - 1];
    return answer ? answer(request) : new Response("too many", { status: 410 });
  });
  try {
    await use(`http://127.0.0.1:${server.addr.port}/events`, requests);
  } finally {
    await server.shutdown();
  }
}

const headers = { "content-type": "text/event-stream" };
const text = (body: string) => () => new Response(body, { headers });
const event = (id: number, data = String(id)) => encodeSSE({ id: String(id), data });
const quick: ConnectSSEInit = {
  reconnect: { initialMs: 1, maxMs: 1 },
  isTerminal: (event) => event.data === "done",
};

/** Sends these, then breaks the connection or leaves it silent. */
const partly = (body: string, then: "cut" | "stall") => () =>
  new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(utf8(body)),
      async pull(controller) {
        if (then === "cut") controller.error(new Error("cut"));
        else await new Promise<void>(() => {});
      },
    }),
    { headers },
  );

Deno.test("a server that cuts, ends, rejects and recovers is followed to the end without duplicates", async () => {
  const log = Array.from({ length: 9 }, (_, n) => event(n + 1)).join("") + event(10, "done");
  const after = (request: Request) => {
    const from = Number(request.headers.get("last-event-id") ?? 0);
    return log.split("\n\n").slice(from, -1).map((block) => block + "\n\n");
  };
  const some = (count: number) => (request: Request) => after(request).slice(0, count).join("");
  await withServer([
    (request) => partly(some(3)(request) + "data: half an ev", "cut")(),
    (request) => text(some(2)(request))(),
    () => new Response("busy", { status: 503, headers: { "retry-after": "0" } }),
    () => new Response("slow down", { status: 429 }),
    (request) => text(some(1)(request) + "id: 99\ndata: unfini")(),
    (request) => text(after(request).join(""))(),
  ], async (url, requests) => {
    const events = await all(connectSSE(url, quick));
    assertEquals(events.map(({ id }) => Number(id)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assertEquals(
      requests.map(({ headers }) => headers.get("last-event-id")),
      [null, "3", "5", "5", "5", "6"],
    );
  });
});

const TIMEOUT_MS = 7_777;

/** Real timers, but the timeout is over when the test says so: no test asks how quick a machine is. */
const timeoutOver = (when: () => Promise<void> | undefined): Timers => ({
  setTimeout(run, ms) {
    if (ms !== TIMEOUT_MS) return setTimeout(run, ms);
    return when()?.then(run);
  },
  clearTimeout(id) {
    if (typeof id === "number") clearTimeout(id);
  },
  now: () => Date.now(),
});

Deno.test("a connection that stalls is given up after the idle time", async () => {
  await withServer([partly(event(1), "stall"), text(event(2, "done"))], async (url) => {
    const states: ConnectState[] = [];
    const seen: string[] = [];
    let stalled = false;
    const timers = timeoutOver(() => {
      if (seen.length === 0 || stalled) return undefined;
      stalled = true;
      return Promise.resolve();
    });
    const events = connectSSE(url, {
      ...quick,
      timers,
      idleTimeoutMs: TIMEOUT_MS,
      onState: (state) => void states.push(state),
    });
    for await (const { data } of events) seen.push(data);
    assertEquals(seen, ["1", "done"]);
    const waiting = states.find((state) => state.state === "waiting");
    assertStrictEquals(waiting?.error?.kind, "timeout");
  });
});

Deno.test("headers that never arrive time out", async () => {
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<Response>();
  const first = () => {
    asked.resolve();
    return held.promise;
  };
  await withServer([first, text(event(1, "done"))], async (url, requests) => {
    const timers = timeoutOver(() => requests.length === 0 ? asked.promise : undefined);
    const events = await all(
      connectSSE(url, { ...quick, timers, connectTimeoutMs: TIMEOUT_MS }),
    );
    assertEquals(events.map(({ data }) => data), ["done"]);
    held.resolve(new Response(null));
  });
});

Deno.test("204 stops it", async () => {
  await withServer(
    [text(event(1)), () => new Response(null, { status: 204 })],
    async (url, requests) => {
      assertStrictEquals((await all(connectSSE(url, quick))).length, 1);
      assertStrictEquals(requests.length, 2);
    },
  );
});

Deno.test("a redirect is followed, with its headers", async () => {
  await withServer([
    ({ url }) => Response.redirect(new URL("/moved", url), 301),
    text(event(1, "done")),
  ], async (url, requests) => {
    const events = await all(
      connectSSE(url, { ...quick, headers: { "x-mine": "1" }, lastEventId: "7" }),
    );
    assertStrictEquals(events.length, 1);
    const [, moved] = requests;
    assert(moved?.path === "/moved");
    assertStrictEquals(moved.headers.get("x-mine"), "1");
    assertStrictEquals(moved.headers.get("last-event-id"), "7");
  });
});

Deno.test("500 and a page instead of a stream stop it", async () => {
  const wrong = [
    () => new Response("broken", { status: 500 }),
    () => new Response("<p>hello", { headers: { "content-type": "text/html" } }),
  ];
  for (const answer of wrong) {
    await withServer([answer], async (url, requests) => {
      await assertRejects(() => all(connectSSE(url, quick)), SSEError);
      assertStrictEquals(requests.length, 1);
    });
  }
});

Deno.test("a rejection after a stream is final", async () => {
  await withServer([text(event(1)), () => new Response("gone", { status: 410 })], async (url) => {
    const seen: string[] = [];
    assertError(
      await assertRejects(async () => {
        for await (const { data } of connectSSE(url, quick)) seen.push(data);
      }),
      (error) => error instanceof SSEError && error.status === 410,
    );
    assertEquals(seen, ["1"]);
  });
});

Deno.test("leaving the loop closes the connection at the server", async () => {
  const closed = Promise.withResolvers<void>();
  await withServer([
    () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(utf8(event(1))),
          cancel: () => closed.resolve(),
        }),
        { headers },
      ),
  ], async (url) => {
    for await (const { data } of connectSSE(url)) {
      assertStrictEquals(data, "1");
      break;
    }
    await closed.promise;
  });
});

Deno.test("an unreachable server is tried as often as allowed", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  let connecting = 0;
  assertError(
    await assertRejects(() =>
      all(connectSSE(`http://127.0.0.1:${port}/`, {
        reconnect: { initialMs: 1, maxMs: 1, maxAttempts: 3 },
        onState: ({ state }) => void (state === "connecting" && connecting++),
      }))
    ),
    (error) => error instanceof SSEError && error.kind === "attempts",
  );
  assertStrictEquals(connecting, 4);
});
