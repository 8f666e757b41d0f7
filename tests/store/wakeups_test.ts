/** Two processes on one file notify each other of writes. Both run in this process, on real sockets. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import type { Timers } from "../../lib/base/mod.ts";
import { Committer, LocalOwner, Wakeups } from "../../lib/store/mod.ts";
import { completed, plan, Process, readAll, seedRun, wrap } from "../runs/log_tools.ts";

const HEAD = ["head", "one"], OTHER = ["head", "two"];
/** Frozen time: nothing is polled or checked again. */
const NEVER = { setTimeout: () => 0, clearTimeout: () => {} };

/** Time that passes when the test says so. */
function looks() {
  let next = () => {};
  return {
    setTimeout: (run: () => void) => void (next = run),
    clearTimeout: () => {},
    look: () => next(),
  };
}

/** One process: its lock, its socket, and its committer. */
function open(kvPath: string, kv: Deno.Kv, timers: Timers = NEVER) {
  const owner = LocalOwner.open(kvPath);
  assert(owner !== null);
  const wakeups = Wakeups.open({
    socketPath: owner.socketPath,
    otherSockets: () => owner.otherSockets(),
    timers,
  });
  assert(wakeups !== null);
  const committer = new Committer(kv, { onWritten: (mutations) => wakeups.written(mutations) });
  return {
    kvPath,
    kv,
    owner,
    wakeups,
    write: (...keys: Deno.KvKey[]) =>
      committer.commit({ mutations: keys.map((key) => ({ type: "set", key, value: 1 })) }),
    close() {
      wakeups.close();
      owner.close();
    },
  };
}

type Opened = ReturnType<typeof open>;

async function withTwo(
  test: (a: Opened, b: Opened, files: () => string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const kv = await Deno.openKv(":memory:");
  const a = open(join(folder, "kv.db"), kv), b = open(join(folder, "kv.db"), kv);
  try {
    await test(a, b, () => [...Deno.readDirSync(folder)].map(({ name }) => name));
  } finally {
    a.close();
    b.close();
    kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Counts the wakeups of a process for a key. */
function following({ wakeups }: Opened, key: Deno.KvKey) {
  const waiting: (() => void)[] = [];
  const seen = {
    told: 0,
    /** Resolves after this many wakeups. */
    until: async (times: number) => {
      while (seen.told < times) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave: wakeups.follow(key, () => {
      seen.told++;
      for (const resolve of waiting.splice(0)) resolve();
    }),
  };
  return seen;
}

Deno.test("a process is confirmed once as following a key, then notified of each write", () =>
  withTwo(async (a, b) => {
    const seen = following(b, HEAD);
    await seen.until(1);
    await a.write(HEAD, ["trace", "one", 1]);
    await seen.until(2);
    await a.write(HEAD);
    await seen.until(3);
  }));

Deno.test("keys without followers cause no messages, and keys no longer followed stop causing them", () =>
  withTwo(async (a, b) => {
    const head = following(b, HEAD), other = following(b, OTHER);
    await Promise.all([head.until(1), other.until(1)]);
    await a.write(["head", "three"], OTHER);
    await other.until(2);
    assertStrictEquals(head.told, 1);
    head.leave();
    // Messages keep their order: a message after `-` shows that `-` has arrived.
    const third = following(b, ["head", "three"]);
    await third.until(1);
    await a.write(HEAD, OTHER);
    await other.until(3);
    assertStrictEquals(head.told, 1);
    third.leave();
    const again = following(b, HEAD);
    await again.until(1);
    await a.write(HEAD);
    await again.until(2);
  }));

Deno.test("both directions work, and several followers of one key in a process share a message", () =>
  withTwo(async (a, b) => {
    const one = following(a, HEAD), two = following(b, HEAD), three = following(b, HEAD);
    await Promise.all([one.until(1), two.until(1), three.until(1)]);
    await Promise.all([a.write(HEAD), b.write(HEAD)]);
    await Promise.all([one.until(2), two.until(2), three.until(2)]);
  }));

Deno.test("a process that sends garbage or too much is disconnected, and others are still notified", () =>
  withTwo(async (a, b) => {
    const connection = await Deno.connect({ transport: "unix", path: a.owner.socketPath });
    const nonsense = new TextEncoder().encode("x".repeat(10_000));
    await connection.write(nonsense).catch(() => {});
    // Ended by the other side.
    assertStrictEquals(await connection.read(new Uint8Array(1)).catch(() => null), null);
    connection.close();
    const seen = following(b, HEAD);
    await seen.until(1);
    await a.write(HEAD);
    await seen.until(2);
  }));

Deno.test("a process that ends is forgotten, and the next one is found", () =>
  withTwo(async (a, b) => {
    const timers = looks();
    const third = open(a.kvPath, a.kv, timers);
    const seen = following(third, HEAD);
    await seen.until(2);
    const fourth = open(a.kvPath, a.kv);
    timers.look();
    await seen.until(3);
    fourth.close();
    const fifth = open(a.kvPath, a.kv);
    timers.look();
    await seen.until(4);
    await fifth.write(HEAD);
    await b.write(HEAD);
    await seen.until(6);
    third.close();
    fifth.close();
  }));

Deno.test("a socket is readable only by its owner, and is removed with the process", () =>
  withTwo(async (a, b, files) => {
    const { mode } = await Deno.stat(a.owner.socketPath);
    assertStrictEquals((mode ?? 0) & 0o777, 0o600);
    assertEquals(a.owner.otherSockets(), [b.owner.socketPath]);
    const third = open(a.kvPath, a.kv);
    assertStrictEquals(a.owner.otherSockets().length, 2);
    third.close();
    assertEquals(a.owner.otherSockets(), [b.owner.socketPath]);
    assertStrictEquals(files().length, 4, "two locks and two sockets");
  }));

Deno.test("a dead process's socket is removed with its lock", () =>
  withTwo((a, _b, files) => {
    const dead = "0".repeat(8) + crypto.randomUUID().slice(8);
    const [lock = ""] = files().filter((name) => name.includes(a.owner.id.slice("local-".length)));
    const beside = a.owner.socketPath.replace(/[^/]*$/, "");
    Deno.writeTextFileSync(beside + lock.replace(/owner-.*/, `owner-${dead}`), "");
    Deno.writeTextFileSync(a.owner.socketPath.replace(/.{8}$/, dead.slice(0, 8)), "");
    assertStrictEquals(files().length, 6);
    // The next process to start buries the dead.
    LocalOwner.open(a.kvPath)?.close();
    assertStrictEquals(files().length, 4);
    return Promise.resolve();
  }));

Deno.test("there are no wake-ups if a socket's path is too long", () => {
  const socketPath = join("/tmp", "x".repeat(200));
  assertStrictEquals(Wakeups.open({ socketPath, otherSockets: () => [] }), null);
});

Deno.test("a viewer on one process gets another's recorded events without polling", () =>
  withTwo(async (a, b) => {
    // `watch` tells nothing, as on a file that another process writes.
    const watch = () => new ReadableStream<never>();
    const kv = wrap(await Deno.openKv(":memory:"), { watch });
    const options = { timers: NEVER, pollMs: 1_000_000_000 };
    const recording = new Process(kv, "a", { ...options, wakeups: a.wakeups });
    const watching = new Process(kv, "b", { ...options, wakeups: b.wakeups });
    try {
      await seedRun(kv);
      const seen = readAll(watching);
      const writer = await recording.acquire();
      assert(writer !== null);
      for (let n = 1; n <= 20; n++) {
        writer.append("task_run.progress_msg.plan", plan(`${n}`));
        await writer.settled();
      }
      await writer.end("task_run.state", completed(null), null);
      assertEquals(
        (await seen).map(({ id }) => id),
        Array.from({ length: 21 }, (_, n) => `${n + 1}`),
      );
    } finally {
      kv.close();
    }
  }));
