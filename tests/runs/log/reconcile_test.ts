/** If the stream does not report a run's status, the API is asked, and its response ends the log. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { SealError } from "../../../lib/accounts/keyring.ts";
import { type Head, headKey, readHead } from "../../../lib/runs/log/head.ts";
import { record } from "../../../lib/runs/log/recorder.ts";
import { readAll, RUN, withMemory } from "../log_tools.ts";
import { recorderOf, runJson } from "../recording_tools.ts";
import { type Connection, message, ScriptedUpstream, state } from "../upstream.ts";

const OUTPUT = { type: "text", content: "the result", basis: [] };
const never = () => new AbortController().signal;
const answerCompleted = () => Response.json({ run: runJson("completed"), output: OUTPUT });

const SILENT: Connection = { frames: [], then: "end" };
const UNREACHABLE: readonly (readonly [string, readonly Connection[]])[] = [
  ["ends without a word", [SILENT]],
  ["answers 500 again and again", Array.from({ length: 5 }, () => ({ status: 500 }))],
  ["breaks after the run was seen running, and is silent from then on", [
    { frames: [state("running"), message("a")], then: "break" },
    SILENT,
  ]],
  [
    "says running again and again",
    Array.from({ length: 50 }, () => ({
      frames: [state("running"), message("a")],
      then: "end" as const,
    })),
  ],
  ["is refused for good", Array.from({ length: 20 }, () => ({ status: 404 }))],
];

for (const [name, script] of UNREACHABLE) {
  Deno.test(`an ended run ends with its result if its stream ${name}`, () =>
    withMemory(async (process) => {
      const upstream = new ScriptedUpstream(script, answerCompleted);
      const run = runJson("completed", { warnings: [{ type: "warning", message: "w" }] });
      upstream.status = () => Response.json(run);
      await record(recorderOf(process, upstream), RUN, never());
      assert(
        upstream.connections < 20,
        `${upstream.connections} connections until it was asked`,
      );
      const { head } = (await readHead(process.kv, RUN))!;
      assertEquals([head.ended, head.status], [true, "completed"]);
      const last = (await readAll(process)).at(-1)!;
      assertStrictEquals(last.event, "task_run.state");
      assertEquals(JSON.parse(last.data), {
        type: "task_run.state",
        event_id: null,
        input: null,
        run,
        output: OUTPUT,
      });
    }));
}

Deno.test("a run that failed while disconnected ends as failed, with the API's error", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream([SILENT]);
    const error = { ref_id: "r", message: "Task execution failed" };
    upstream.status = () => Response.json(runJson("failed", { error }));
    await record(recorderOf(process, upstream), RUN, never());
    const last = (await readAll(process)).at(-1)!;
    assertEquals(JSON.parse(last.data).run.error, error);
    assertStrictEquals((await readHead(process.kv, RUN))!.head.status, "failed");
  }));

Deno.test("a stall ends the connection but not the run: the next connection continues", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream([
      { frames: [state("running"), message("a")], then: "silence" },
      { frames: [], then: "silence" },
      { frames: [state("running"), message("a"), message("b"), state("failed")], then: "end" },
    ]);
    let asked = 0;
    upstream.status = () => {
      asked++;
      return Response.json(runJson("running"));
    };
    // Every wait ends at once. The wait for a silent connection ends after its events.
    const context = recorderOf(process, upstream, {
      stallMs: 120_000,
      timers: {
        setTimeout: (run: () => void, ms: number) => {
          if (ms < 1_000_000) setTimeout(run, 0);
          return undefined;
        },
        clearTimeout: () => {},
        now: () => 0,
      },
    });
    await record(context, RUN, never());
    const texts = (await readAll(process)).map(({ data }) => JSON.parse(data).message ?? "-");
    assertEquals(texts, ["-", "a", "b", "-"]);
    assert(asked >= 1, "the connection that said nothing made us ask");
  }));

Deno.test("an active run is waited for, no matter how long its stream is silent", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream([
      ...Array.from({ length: 20 }, () => SILENT),
      { frames: [state("failed")], then: "end" },
    ]);
    upstream.status = () => Response.json(runJson("running"));
    await record(recorderOf(process, upstream), RUN, never());
    assertEquals((await readAll(process)).map(({ event }) => event), ["task_run.state"]);
    assertStrictEquals(upstream.connections, 21);
  }));

Deno.test("a response with another run's ID ends nothing", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream([SILENT, { frames: [state("failed")], then: "end" }]);
    upstream.status = () => Response.json({ ...runJson("completed"), run_id: "trun_other" });
    await record(recorderOf(process, upstream), RUN, never());
    assertStrictEquals((await readHead(process.kv, RUN))!.head.status, "failed");
  }));

/** Writes into a head as another process would. */
async function patchHead(kv: Deno.Kv, patch: Partial<Head>): Promise<void> {
  const { head } = (await readHead(kv, RUN))!;
  await kv.set(headKey(RUN), { ...head, ...patch });
}

Deno.test("a webhook makes another process's recorder check, which ends a finished run", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream(
      [{ frames: [state("running")], then: "silence" }],
      answerCompleted,
    );
    upstream.status = () => Response.json(runJson("completed"));
    const context = recorderOf(process, upstream, { leaseMs: 30 });
    const recording = record(context, RUN, never());
    while ((await readHead(process.kv, RUN))!.head.last_id < 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await patchHead(process.kv, { webhook: { id: "whevent_1", ms: process.clock.now } });
    // The lease must be renewed now, which finds the write.
    process.clock.now += 29;
    await recording;
    const { head } = (await readHead(process.kv, RUN))!;
    assertEquals([head.ended, head.status], [true, "completed"]);
    assertStrictEquals(head.webhook?.id, "whevent_1", "and what was written stays");
  }));

const locked = () => Promise.reject(new SealError("Sealed with an unknown secret"));

Deno.test("a run whose key can no longer be decrypted waits a day, then ends as lost", () =>
  withMemory(async (process) => {
    const context = recorderOf(process, new ScriptedUpstream([]), { clientFor: locked });
    process.clock.now = 1000 + 24 * 3_600_000 - 1;
    await assertRejects(() => record(context, RUN, never()), SealError);
    assertStrictEquals((await readHead(process.kv, RUN))!.head.ended, false);
    process.clock.now++;
    await record(context, RUN, never());
    const events = await readAll(process);
    assertEquals(events.map(({ event }) => event), ["error"]);
    assertMatch(JSON.parse(events[0]!.data).error.message, /this instance's secret was changed/);
    const { head } = (await readHead(process.kv, RUN))!;
    assertEquals([head.ended, head.status], [true, "lost"]);
    assertStrictEquals((await process.kv.get(["active", RUN])).value, null);
  }));

Deno.test("a status that is unknown and says nothing of its end ends a run only with the API's word", () =>
  withMemory(async (process) => {
    const unclear = state("archiving", { run: { run_id: RUN, status: "archiving" } });
    const ended = state("expired", { run: { run_id: RUN, status: "expired" } });
    const upstream = new ScriptedUpstream([
      { frames: [state("running"), unclear, message("a")], then: "end" },
      { frames: [state("running"), unclear, message("a"), ended, message("b")], then: "silence" },
    ]);
    const answers = [
      runJson("archiving", { is_active: true }),
      runJson("archiving", { is_active: undefined }),
      runJson("expired", { is_active: false }),
    ];
    let asked = 0;
    upstream.status = () => Response.json(answers[Math.min(asked++, answers.length - 1)]);
    await record(recorderOf(process, upstream), RUN, never());
    const seen = (await readAll(process)).map(({ data }) => {
      const { run, message } = JSON.parse(data);
      return message ?? run.status;
    });
    assertEquals(seen.slice(0, 3), ["running", "archiving", "a"]);
    assertEquals(seen.filter((each) => each === "b" || each === "expired"), [
      "expired",
      "b",
      "expired",
    ]);
    const { head } = (await readHead(process.kv, RUN))!;
    assertEquals([head.ended, head.status], [true, "expired"]);
  }));
