import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { readDigest } from "../../../lib/runs/log/digest.ts";
import { headKey, readHead } from "../../../lib/runs/log/head.ts";
import { readHistory, unindexedKey } from "../../../lib/runs/history/mod.ts";
import { readOutput, readTrace } from "../../../lib/runs/log/trace.ts";
import { LeaseLostError, type StatusChange } from "../../../lib/runs/log/lease.ts";
import { LogWriter } from "../../../lib/runs/log/writer.ts";
import { parseSSE } from "../../../lib/sse/mod.ts";
import {
  ACCOUNT,
  completed,
  plan,
  type Process,
  readAll,
  RUN,
  seedRun,
  withMemory,
  withTwo,
} from "../log_tools.ts";

const PLAN = "task_run.progress_msg.plan";
const texts = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => plan(`m${from + i}`));

async function acquired(writer: Promise<LogWriter | null>): Promise<LogWriter> {
  const found = await writer;
  assert(found !== null, "the lease is free");
  return found;
}

Deno.test("IDs start at 1, and every viewer gets the same events after any ID", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const early = readAll(process);
    for (const data of texts(5)) writer.append(PLAN, data);
    await writer.settled();
    const late = readAll(process);
    const resumed = readAll(process, 3);
    for (const data of texts(5, 6)) writer.append(PLAN, data);
    await writer.end("task_run.state", completed({ content: "x" }), null);
    const all = await early;
    assertEquals(
      all.map((event) => event.id),
      Array.from({ length: 11 }, (_, i) => String(i + 1)),
    );
    assertEquals(all.map((event) => event.data), [...texts(10), completed({ content: "x" })]);
    assertEquals(await late, all);
    assertEquals(await resumed, all.slice(3));
    assertEquals(await readAll(process), all, "and after the end");
    assertEquals(await process.relay.open(RUN, 11), { status: "done" });
    assertEquals(await readAll(process, 99), all, "an id that is none of this run's");
    await writer.release();
  }));

Deno.test("events that arrive during a commit go into the next one", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const before = process.committer.commits;
    for (const data of texts(200)) writer.append(PLAN, data);
    await writer.settled();
    assert(
      process.committer.commits - before <= 2,
      `${process.committer.commits - before} commits`,
    );
    await writer.release();
  }));

Deno.test("nothing is shown before it is durable", () =>
  withMemory(async (process) => {
    const seen: Promise<boolean>[] = [];
    const isDurable = async (id: number) => (await readHead(process.kv, RUN))!.head.last_id >= id;
    const context = {
      ...process.context,
      onDurable: (_: string, events: readonly { id: number }[]) => {
        seen.push(isDurable(events.at(-1)!.id));
      },
    };
    Object.assign(process, { context });
    const writer = await acquired(process.acquire());
    for (const data of texts(20)) {
      writer.append(PLAN, data);
      await writer.settled();
    }
    assertEquals(await Promise.all(seen), Array.from({ length: 20 }, () => true));
    await writer.release();
  }));

Deno.test("a result of any size is cut from the terminal event and restored byte for byte", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const data = completed({ content: "naïve ☃ ".repeat(300_000), basis: [] });
    const live = readAll(process);
    await writer.end("task_run.state", data, null);
    const { head } = (await readHead(process.kv, RUN))!;
    assert(head.output!.parts > 40);
    assertStrictEquals((await live)[0]!.data, data);
    assertStrictEquals((await readAll(process))[0]!.data, data);
    assertStrictEquals(JSON.parse(await readOutput(process.kv, RUN, head.output!)).basis.length, 0);
    const bare = await Array.fromAsync(
      readTrace(process.kv, RUN, { from: 1, to: 1, output: null }),
    );
    assertStrictEquals(JSON.parse(bare[0]!.data).output, null);
    assertStrictEquals(JSON.parse(bare[0]!.data).after, "kept");
    await writer.release();
  }));

Deno.test("a result stored apart from its event reaches every viewer with the event", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const live = readAll(process);
    await writer.end("task_run.state", completed(null), '{"content":"fetched"}');
    assertStrictEquals((await live)[0]!.data, completed({ content: "fetched" }));
    assertStrictEquals((await readAll(process))[0]!.data, completed({ content: "fetched" }));
    await writer.release();
  }));

Deno.test("an event of 2 MiB is handled like any other", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const big = plan("ü".repeat(1 << 20));
    for (const data of [plan("before"), big, plan("after")]) writer.append(PLAN, data);
    await writer.settled();
    const events = await Array.fromAsync(
      readTrace(process.kv, RUN, { from: 1, to: 3, output: null }),
    );
    assertEquals(events.map((event) => event.data), [plan("before"), big, plan("after")]);
    const tail = await Array.fromAsync(
      readTrace(process.kv, RUN, { from: 3, to: 3, output: null }),
    );
    assertEquals(tail.map((event) => event.id), [3]);
    const stored = (await readDigest(process.kv, RUN))?.digest?.view.lastId ?? 0;
    assert(stored >= 2, "a page need not read it again to say how far the run is");
    await writer.release();
  }));

Deno.test("the end moves the run from the active list to the history", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    writer.append(
      "task_run.progress_stats",
      JSON.stringify({
        source_stats: { num_sources_considered: 7, num_sources_read: 3, sources_read_sample: [] },
        progress_meter: 55,
      }),
    );
    await writer.settled();
    assertStrictEquals((await readHistory(process.kv, ACCOUNT, {})).runs[0]!.progress, 55);
    await writer.end("task_run.state", completed({ content: "x" }), null);
    const [summary] = (await readHistory(process.kv, ACCOUNT, {})).runs;
    assertEquals(
      [summary!.status, summary!.progress, summary!.sources_read, summary!.ended_ms],
      ["completed", 100, 3, process.clock.now],
    );
    assertStrictEquals((await process.kv.get(["active", RUN])).value, null);
    assertStrictEquals(await process.acquire(), null, "nobody records a finished run");
    await writer.release();
  }));

Deno.test("each figure that changes alone reaches the history with its event", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const figures: [considered: number, read: number, progress: number][] = [
      [7, 3, 55],
      [8, 3, 55],
      [8, 4, 55],
      [8, 4, 56],
    ];
    for (const [considered, read, progress] of figures) {
      const source_stats = {
        num_sources_considered: considered,
        num_sources_read: read,
        sources_read_sample: [],
      };
      const data = JSON.stringify({ source_stats, progress_meter: progress });
      writer.append("task_run.progress_stats", data);
      await writer.settled();
      const [line] = (await readHistory(process.kv, ACCOUNT, {})).runs;
      assertEquals(
        [line!.sources_considered, line!.sources_read, line!.progress],
        [considered, read, progress],
      );
    }
    await writer.release();
  }));

Deno.test("a viewer that does not read is disconnected and slows no other viewer", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const stalled = await process.relay.open(RUN, 0);
    assert(stalled.status === "open");
    const reading = readAll(process);
    for (let i = 0; i < 40; i++) {
      writer.append(PLAN, plan(`${i} ${"x".repeat(50_000)}`));
      await writer.settled();
    }
    assertStrictEquals(process.relay.viewers, 1, "only the one that reads is left");
    await writer.end("task_run.state", completed(null), null);
    assertStrictEquals((await reading).length, 41);
    const got = await Array.fromAsync(parseSSE(stalled.body));
    assert(got.length > 0 && got.length < 40);
    const rest = await readAll(process, Number(got.at(-1)!.id));
    assertStrictEquals(got.length + rest.length, 41, "it resumes where it was cut");
    await writer.release();
  }));

Deno.test("a viewer that disconnects is forgotten at once", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    await answer.body.cancel();
    assertStrictEquals(process.relay.viewers, 0);
    await writer.release();
  }));

Deno.test("draining ends every stream; another process continues the log", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    writer.append(PLAN, plan("one"));
    await writer.settled();
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const events = parseSSE(answer.body);
    assertStrictEquals((await events.next()).value!.id, "1");
    process.relay.drain();
    assertStrictEquals((await events.next()).done, true);
    await writer.release();
  }));

Deno.test("viewers on another process get everything that one process records", () =>
  withTwo(async (one, two) => {
    const writer = await acquired(one.acquire());
    assertStrictEquals(await two.acquire(), null, "the lease is held");
    const elsewhere = readAll(two);
    for (const data of texts(10)) {
      writer.append(PLAN, data);
      await writer.settled();
    }
    await writer.end("task_run.state", completed({ content: "x" }), null);
    const events = await elsewhere;
    assertEquals(events.map((event) => event.data), [
      ...texts(10),
      completed({ content: "x" }),
    ]);
    assertEquals(events, await readAll(one));
    await writer.release();
  }));

Deno.test("a dead process's run is taken over, and its late writes are rejected", () =>
  withTwo(async (one, two) => {
    const dead = await acquired(one.acquire());
    dead.append(PLAN, plan("m1"));
    await dead.settled();
    two.clock.now = one.clock.now + 10_001;
    const recorded: string[] = [];
    const writer = await acquired(two.acquire((event) => recorded.push(event.data)));
    assertEquals(recorded, [plan("m1")], "the new writer knows what the old one recorded");
    writer.append(PLAN, plan("m2"));
    await writer.settled();
    dead.append(PLAN, plan("never"));
    await assertRejects(() => dead.settled(), LeaseLostError);
    await writer.end("task_run.state", completed(null), null);
    const events = await readAll(one);
    assertEquals(events.map((event) => event.data), [plan("m1"), plan("m2"), completed(null)]);
    await writer.release();
    await dead.release();
  }));

Deno.test("a released lease is available at once", () =>
  withTwo(async (one, two) => {
    const writer = await acquired(one.acquire());
    await writer.release();
    const next = await acquired(two.acquire());
    await next.release();
  }));

Deno.test("a process can retake its own lease at once after its recorder failed", () =>
  withMemory(async (process) => {
    const failed = await acquired(process.acquire());
    const next = await acquired(process.acquire());
    next.append(PLAN, plan("again"));
    await next.settled();
    failed.append(PLAN, plan("too late"));
    await assertRejects(() => failed.settled(), LeaseLostError);
    await next.release();
  }));

Deno.test("a recorder keeps the accounts that can undo a deletion", () =>
  withMemory(async (process) => {
    const writer = await acquired(process.acquire());
    const { head } = (await readHead(process.kv, RUN))!;
    await process.kv.set(headKey(RUN), { ...head, members: [], leaving: [ACCOUNT] });
    writer.append(PLAN, plan("on"));
    await writer.settled();
    assertEquals((await readHead(process.kv, RUN))!.head.leaving, [ACCOUNT]);
    await writer.release();
  }));

Deno.test("the lease of a silent run is renewed before it expires", () =>
  withTwo(async (one, two) => {
    const writer = await acquired(one.acquire());
    one.clock.now += 6_000;
    await writer.renew();
    two.clock.now = one.clock.now + 9_000;
    assertStrictEquals(await two.acquire(), null);
    await writer.release();
  }));

/** A writer for one append, and how many commits were made since. */
async function onceWriter(process: Process) {
  const before = process.committer.commits;
  const writer = await acquired(LogWriter.acquireOnce(process.context, RUN));
  return { writer, commits: () => process.committer.commits - before };
}

Deno.test("a short final write takes the lease, ends the log and stores the result in one commit", () =>
  withMemory(async (process) => {
    const { writer, commits } = await onceWriter(process);
    await writer.end("task_run.state", completed({ content: "x" }), null);
    await writer.release();
    assertStrictEquals(commits(), 1);
    const found = await readHead(process.kv, RUN);
    assertStrictEquals(found?.head.ended, true);
    assertStrictEquals(found.head.fence, 1);
    assertEquals(await readOutput(process.kv, RUN, found.head.output!), '{"content":"x"}');
  }));

Deno.test("a short append takes and releases the lease in one commit", () =>
  withMemory(async (process) => {
    const { writer, commits } = await onceWriter(process);
    writer.append(PLAN, plan("m"));
    await writer.settled();
    await writer.release();
    assertStrictEquals(commits(), 1);
    assertStrictEquals((await readHead(process.kv, RUN))?.head.lease_until, 0);
    assert(await process.acquire() !== null, "anyone can go on at once");
  }));

Deno.test("a short append writes nothing if the head changed since it was read", () =>
  withTwo(async (one, two) => {
    const { writer } = await onceWriter(one);
    const other = await acquired(two.acquire());
    other.append(PLAN, plan("first"));
    await other.settled();
    await assertRejects(
      () => writer.end("task_run.state", completed({ content: "x" }), null),
      LeaseLostError,
    );
    await writer.release();
    const { head } = (await readHead(one.kv, RUN))!;
    assertEquals([head.last_id, head.ended, head.output], [1, false, null]);
    assertEquals(await Array.fromAsync(one.kv.list({ prefix: ["output"] })), []);
  }));

Deno.test("a result is indexed when a run ends, whatever its status was before", () =>
  withMemory(async (process) => {
    const told: (readonly [string, boolean])[] = [];
    Object.assign(process, {
      context: {
        ...process.context,
        onStatus: ({ head, view }: StatusChange) => {
          told.push([view.status, head.ended]);
          return Promise.resolve({ mutations: [] });
        },
      },
    });
    const stateOf = (status: string, is_active: boolean) =>
      JSON.stringify({ type: "task_run.state", run: { run_id: RUN, status, is_active } });
    const mark = unindexedKey(ACCOUNT, RUN);
    for (const status of ["preparing", "action_required", "expired"]) {
      await process.kv.delete(headKey(RUN));
      await seedRun(process.kv);
      const writer = await acquired(process.acquire());
      writer.append("task_run.state", stateOf(status, true));
      await writer.settled();
      await process.kv.delete(mark);
      const last = status === "expired" ? stateOf(status, false) : completed({ content: "x" });
      await writer.end("task_run.state", last, null);
      assert((await process.kv.get(mark)).value !== null, status);
      await writer.release();
    }
    assertEquals(told, [
      ["preparing", false],
      ["completed", true],
      ["action_required", false],
      ["completed", true],
      ["expired", false],
      ["expired", true],
    ]);
  }));
