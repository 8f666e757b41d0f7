/** Streams belong to the session or the key that opened them, and end with it. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { StreamLeases } from "../../lib/stream_leases.ts";
import { Encoder, type StreamEvent } from "../../lib/runs/stream/frames.ts";
import { Viewer } from "../../lib/runs/stream/viewer.ts";
import { TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const KEY = "sandbox-stream-owner-key";
/** A run that goes on for longer than any test. */
const LONG = { processor: "pro", metadata: '{"sandbox_seconds": 86400}' };

/** Reads the stream to its end, as text. */
async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

async function open(
  browser: TestBrowser,
  path: string,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const response = await browser.fetch(path);
  assertStrictEquals(response.status, 200, path);
  assert(response.body !== null);
  const reader = response.body.getReader();
  // It is open: something came.
  assertStrictEquals((await reader.read()).done, false);
  return reader;
}

interface Opened {
  readonly app: TestApp;
  readonly watcher: TestBrowser;
  /** Another session of the same account. */
  readonly owner: TestBrowser;
  readonly streams: readonly ReadableStreamDefaultReader<Uint8Array>[];
}

async function opened(app: TestApp): Promise<Opened> {
  const owner = await app.browser().enterKey(KEY);
  const watcher = await app.browser().enterKey("sandbox-the-watcher-s-key");
  // Two keys, so that one can be removed.
  await owner.post("/account/keys", { api_key: "sandbox-the-watcher-s-key", confirm: "yes" });
  await watcher.enterKey("sandbox-the-watcher-s-key");
  const id = await owner.createTask(LONG);
  const streams = [
    await open(watcher, "/tasks/events"),
    await open(watcher, `/api/v1/tasks/runs/${id}/events`),
  ];
  return { app, watcher, owner, streams };
}

const session = async (app: TestApp, browser: TestBrowser) =>
  (await app.services.sessions.find(browser.cookies.get("taskstream") ?? ""))!;

type End = (opened: Opened) => Promise<unknown>;

const ENDS: readonly (readonly [how: string, end: End])[] = [
  ["signing out", ({ watcher }) => watcher.post("/auth/logout", {})],
  ["signing in anew", ({ watcher }) => watcher.post("/auth/sandbox", {})],
  [
    "ending the session elsewhere",
    async ({ app, owner, watcher }) =>
      await owner.post("/account/sessions", { end: (await session(app, watcher)).id }),
  ],
  ["ending all others", ({ owner }) => owner.post("/account/sessions", { end: "others" })],
  ["removing its key", async ({ app, owner, watcher }) =>
    await owner.post("/account/keys/remove", {
      key_id: (await session(app, watcher)).key_sha256!.slice(0, 32),
    })],
  ["deleting the account", ({ owner }) => owner.post("/account/delete", { confirm: "yes" })],
];

for (const [how, end] of ENDS) {
  Deno.test(`${how} ends every stream of the session before it sends anything new`, () =>
    withApp(async (app) => {
      const all = await opened(app);
      await end(all);
      // Another session of the account creates a run. The ended session must not get it.
      if (how !== "deleting the account") await all.owner.createTask({ input: "A secret zebra" });
      for (const stream of all.streams) assertNotMatch(await rest(stream), /zebra/);
      assertStrictEquals(app.services.streamLeases.size, 0);
      const again = await all.watcher.fetch("/tasks/events");
      await again.body?.cancel();
      assertStrictEquals(again.status, how === "signing in anew" ? 200 : 401);
    }));
}

Deno.test("other sessions' streams continue, and a stream opened with a key needs no session", () =>
  withApp(async (app) => {
    const { owner, watcher } = await opened(app);
    const mine = await open(owner, "/tasks/events");
    await watcher.post("/auth/logout", {});
    const id = await owner.createTask({ input: "Still told" });
    let told = "";
    while (!told.includes(id)) told += new TextDecoder().decode((await mine.read()).value);
    await mine.cancel();
  }));

Deno.test("ending a session in another process on the same file ends its streams here", async () => {
  const folder = await Deno.makeTempDir();
  const config = { kvPath: `${folder}/taskstream.db` };
  const here = await TestApp.start({ config });
  const there = await TestApp.start({ config });
  try {
    const browser = await here.browser().enterKey(KEY);
    const id = await browser.createTask(LONG);
    const streams = [
      await open(browser, "/tasks/events"),
      await open(browser, `/api/v1/tasks/runs/${id}/events`),
    ];
    const elsewhere = there.browser();
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    await elsewhere.post("/auth/logout", {});
    await Promise.all(streams.map(rest));
    assertStrictEquals(here.services.streamLeases.size, 0);
  } finally {
    await here.close();
    await there.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("revoking a link in another process on the same file ends its streams here", async () => {
  const folder = await Deno.makeTempDir();
  const config = { kvPath: `${folder}/taskstream.db` };
  let aheadMs = 0;
  const here = await TestApp.start({ config, now: () => Date.now() + aheadMs });
  const there = await TestApp.start({ config });
  try {
    const browser = await here.browser().enterKey(KEY);
    const id = await browser.createTask(LONG);
    await browser.post(`/tasks/${id}/share`, {});
    const account = (await session(here, browser)).account;
    const { token } = (await here.services.shares.find(account, id))!;
    const stream = await open(here.browser(), `/s/${token}/events`);
    const elsewhere = there.browser();
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    await elsewhere.post(`/tasks/${id}/unshare`, {});
    aheadMs = 5_000;
    await rest(stream);
    assertStrictEquals(here.services.streamLeases.size, 0);
  } finally {
    await here.close();
    await there.close();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Leases with the clock and timers of the test. */
function leasesWith(alive: () => readonly string[]) {
  const timers = new Map<number, () => void>();
  const clock = { now: 0 };
  let last = 0;
  const leases = new StreamLeases({
    aliveSessions: () => Promise.resolve(new Set(alive())),
    now: () => clock.now,
    pollMs: 1_000,
    timers: {
      setTimeout: (run) => (timers.set(++last, run), last),
      clearTimeout: (id) => void timers.delete(Number(id)),
    },
  });
  /** Lets the next look happen. */
  const look = async () => {
    for (const [id, run] of timers) {
      timers.delete(id);
      run();
    }
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { leases, look, timers, clock };
}

const endless = () => new ReadableStream<Uint8Array>({ pull() {} });
const yes = () => Promise.resolve(true);
/** The stream of a log that goes on. */
const logStream = () =>
  new Viewer<StreamEvent>({ read: () => Promise.resolve([]), isOver: false, leave() {} }, {
    after: 0,
    encoder: new Encoder(),
    release() {},
  }).stream;

Deno.test("a log's stream is passed on as it is, and ends when one of its owners is gone", async () => {
  const { leases } = leasesWith(() => []);
  const stream = logStream();
  assertStrictEquals(leases.bind(stream, { kind: "session", id: "one", unchanged: yes }), stream);
  assertStrictEquals(leases.bind(stream, { kind: "link", mayRead: yes }), stream);
  assertStrictEquals(leases.size, 2);
  leases.end("one");
  assertStrictEquals((await stream.getReader().read()).done, true);
  assertStrictEquals(leases.size, 0);
});

Deno.test("a log's stream gives its leases back when its reader leaves, or has left before", async () => {
  const { leases } = leasesWith(() => []);
  const stream = logStream();
  leases.bind(stream, { kind: "key", mayRead: yes });
  await stream.cancel();
  assertStrictEquals(leases.size, 0);
  leases.bind(stream, { kind: "key", mayRead: yes });
  assertStrictEquals(leases.size, 0);
});

Deno.test("a session that another process ended loses its streams at the next check", async () => {
  let alive = ["one", "two"];
  const { leases, look, timers } = leasesWith(() => alive);
  const one = leases.bind(endless(), { kind: "session", id: "one", unchanged: yes }).getReader();
  const two = leases.bind(endless(), { kind: "session", id: "two", unchanged: yes }).getReader();
  await look();
  assertStrictEquals(leases.size, 2);
  alive = ["two"];
  const ended = one.read();
  await look();
  assertStrictEquals((await ended).done, true);
  assertStrictEquals(leases.size, 1);
  await two.cancel();
  assertStrictEquals(leases.size, 0);
  assertStrictEquals(timers.size, 0, "nothing is left running");
});

Deno.test("a session with reduced access restarts its streams", async () => {
  let same = true;
  const { leases, look } = leasesWith(() => ["one"]);
  const unchanged = () => Promise.resolve(same);
  const one = leases.bind(endless(), { kind: "session", id: "one", unchanged }).getReader();
  await look();
  same = false;
  const ended = one.read();
  await look();
  assertStrictEquals((await ended).done, true);
});

Deno.test("a link's stream is checked every five seconds, and ends when the link is revoked", async () => {
  let may = true, asked = 0;
  const { leases, look, clock } = leasesWith(() => []);
  const mayRead = () => (asked++, Promise.resolve(may));
  const stream = leases.bind(endless(), { kind: "link", mayRead }).getReader();
  for (clock.now = 0; clock.now < 5_000; clock.now += 1_000) await look();
  assertStrictEquals(asked, 0);
  await look();
  assertStrictEquals(asked, 1);
  may = false;
  const ended = stream.read();
  clock.now = 10_000;
  await look();
  assertStrictEquals((await ended).done, true);
});

Deno.test("a key's stream is checked every ten minutes, and ends when the key may no longer read", async () => {
  let may = true, asked = 0;
  const { leases, look, clock } = leasesWith(() => []);
  const mayRead = () => (asked++, Promise.resolve(may));
  const stream = leases.bind(endless(), { kind: "key", mayRead }).getReader();
  for (clock.now = 0; clock.now < 599_000; clock.now += 60_000) await look();
  assertStrictEquals(asked, 0);
  clock.now = 600_000;
  await look();
  assertStrictEquals(asked, 1);
  may = false;
  clock.now = 1_200_000;
  const ended = stream.read();
  await look();
  assertStrictEquals((await ended).done, true);
});

Deno.test("a lease passes a stream on unchanged: its bytes, end and failure, and its reader's disconnection", async () => {
  const { leases } = leasesWith(() => ["one"]);
  const owner = { kind: "session", id: "one", unchanged: yes } as const;
  const bytes = new Uint8Array([1, 2, 3]);
  const whole = leases.bind(ReadableStream.from([bytes, bytes]), owner);
  assertEquals([...new Uint8Array(await new Response(whole).arrayBuffer())], [
    1,
    2,
    3,
    1,
    2,
    3,
  ]);
  const failing = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("cut")),
  });
  assertMatch(
    String(await assertRejects(() => leases.bind(failing, owner).getReader().read())),
    /cut/,
  );
  let left: unknown = null;
  const watched = new ReadableStream<Uint8Array>({ cancel: (reason) => void (left = reason) });
  await leases.bind(watched, owner).cancel("gone");
  assertStrictEquals(left, "gone");
  assertStrictEquals(leases.size, 0);
});
