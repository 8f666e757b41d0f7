/** A process dies between any two writes of a run: the store stays readable, and recording continues. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { readHead } from "../../../lib/runs/log/head.ts";
import { readHistory } from "../../../lib/runs/history/mod.ts";
import { readRecord } from "../../../lib/runs/log/record.ts";
import { readOutput, readTrace } from "../../../lib/runs/log/trace.ts";
import { ACCOUNT, completed, plan, Process, RUN, withMemory } from "../log_tools.ts";
import { dyingAt, seedLargeRun } from "../store_tools.ts";

const PLAN = "task_run.progress_msg.plan";
const OUTPUT = { content: "y".repeat(5 << 20) };

/** All reads of the run, including damage. */
async function read(process: Process): Promise<{ ids: number[]; ended: boolean; texts: string[] }> {
  const { head } = (await readHead(process.kv, RUN))!;
  const range = { from: 1, to: head.last_id, output: head.output };
  const events = await Array.fromAsync(readTrace(process.kv, RUN, range));
  if (head.output !== null) await readOutput(process.kv, RUN, head.output);
  assert(await readRecord(process.kv, RUN));
  const [summary] = (await readHistory(process.kv, ACCOUNT, {})).runs;
  assertStrictEquals(summary!.status, head.status, "a list never says other than the run");
  assertStrictEquals((await process.kv.get(["active", RUN])).value === null, head.ended);
  return {
    ids: events.map(({ id }) => id),
    ended: head.ended,
    texts: events.map(({ data }) => data),
  };
}

async function live(process: Process): Promise<void> {
  const writer = (await process.acquire())!;
  writer.append(PLAN, plan("one"));
  await writer.settled();
  writer.append(PLAN, plan("x".repeat(200_000)));
  writer.append("task_run.state", JSON.stringify({ run: { run_id: RUN, status: "running" } }));
  await writer.end("task_run.state", completed(OUTPUT), null);
}

Deno.test("a crash between any two writes of a recording loses or damages nothing already shown", async () => {
  for (let at = 1;; at++) {
    let died = true;
    const kv = await Deno.openKv(":memory:");
    try {
      await seedLargeRun(kv, new Process(kv, "maker").context, ACCOUNT, { events: false });
      const dying = dyingAt(kv, at);
      const first = new Process(dying.kv, "first");
      const shown: number[] = [];
      const context = {
        ...first.context,
        onDurable: (_: string, events: readonly { id: number }[]) => {
          shown.push(...events.map(({ id }) => id));
        },
      };
      Object.assign(first, { context });
      await live(first).catch(() => {});
      died = dying.died();
      const second = new Process(kv, "second");
      const found = await read(second);
      assertEquals(found.ids, found.ids.map((_, n) => n + 1));
      assert(shown.every((id) => found.ids.includes(id)), `died at write ${at}`);
      // The lease expires and another process continues. Earlier events stay the same.
      second.clock.now += 60_000;
      const writer = await second.acquire();
      assertStrictEquals(writer === null, found.ended);
      await writer?.end("task_run.state", completed(OUTPUT), null);
      await writer?.release();
      const after = await read(second);
      assertStrictEquals(after.ended, true);
      assertEquals(after.texts.slice(0, found.texts.length), found.texts);
      assertStrictEquals(after.texts.at(-1), completed(OUTPUT));
    } finally {
      kv.close();
    }
    if (!died) {
      assert(at > 12, `a recording takes ${at - 1} commits`);
      return;
    }
  }
});

Deno.test("a crash while a run is stored leaves the whole run or nothing", async () => {
  for (let at = 1;; at++) {
    let died = true;
    await withMemory(async ({ kv }) => {
      for await (const { key } of kv.list({ prefix: [] })) await kv.delete(key);
      const dying = dyingAt(kv, at);
      await seedLargeRun(dying.kv, new Process(kv, "one").context, ACCOUNT, { events: false })
        .catch(() => {});
      died = dying.died();
      const isThere = (await readHead(kv, RUN)) !== null;
      assertStrictEquals((await readRecord(kv, RUN)) !== null, isThere);
      assertStrictEquals((await readHistory(kv, ACCOUNT, {})).runs.length, isThere ? 1 : 0);
      assertStrictEquals((await kv.get(["active", RUN])).value !== null, isThere);
      assertStrictEquals(isThere, !died);
    });
    if (!died) return;
  }
});
