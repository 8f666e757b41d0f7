/** Gaps in a recording are reported only if the API's replay did not fill them. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { readHead } from "../../../lib/runs/log/head.ts";
import type { RecordingGap } from "../../../lib/runs/model/model.ts";
import { record } from "../../../lib/runs/log/recorder.ts";
import { type Process, RUN, withMemory } from "../log_tools.ts";
import { recorderOf, runJson } from "../recording_tools.ts";
import { type Connection, message, ScriptedUpstream, state, stats } from "../upstream.ts";
import { Coverage } from "../../../lib/runs/model/coverage.ts";

const OUTPUT = { type: "text", content: "x", basis: [] };
const done = state("completed", { output: OUTPUT });
const CREATED_MS = 900_000, START_MS = 1_000_000, TICK_MS = 1_000;

/**
 * Records with one recorder after another, each until its script is through; a second passes at every
 * request. Returns the gaps that the run then reports.
 */
async function gapsOf(
  process: Process,
  recorders: readonly (readonly Connection[])[],
  options: { recordedMs?: number | null; over?: boolean; awayMs?: number } = {},
): Promise<readonly RecordingGap[] | undefined> {
  const { clock, kv } = process;
  const { recordedMs = CREATED_MS, over = false, awayMs = 7 } = options;
  const { head } = (await readHead(kv, RUN))!;
  await kv.set(["head", RUN], {
    ...head,
    ...(recordedMs === null ? {} : { recorded_ms: recordedMs }),
  });
  clock.now = START_MS;
  for (const [at, script] of recorders.entries()) {
    const isLast = at === recorders.length - 1;
    const upstream = new ScriptedUpstream(script);
    const stop = new AbortController();
    upstream.status = () => {
      // This recorder's script has ended.
      if (!isLast && upstream.connections >= script.length) stop.abort();
      return over && isLast ? Response.json(runJson("failed")) : Response.json(runJson("running"));
    };
    const fetch: typeof upstream.fetch = (input, init) => {
      clock.now += TICK_MS;
      return upstream.fetch(input, init);
    };
    await record(recorderOf(process, { fetch }, { now: () => clock.now }), RUN, stop.signal);
    clock.now += awayMs;
  }
  const after = (await readHead(kv, RUN))!;
  assertStrictEquals(after.head.ended, true);
  return after.head.gaps;
}

/** The API repeats the state before it closes a connection. */
const first: Connection = {
  frames: [state("running"), message("a", 1), state("running")],
  then: "end",
};
const lost: Connection = { status: 503 };

const COVERED: readonly (readonly [string, readonly (readonly Connection[])[]])[] = [
  ["one connection sees the whole run", [[{
    frames: [state("queued"), message("a"), done],
    then: "end",
  }]]],
  ["a broken connection is followed by a replay", [[
    first,
    lost,
    { frames: [state("running"), message("a", 1), message("b", 2), done], then: "end" },
  ]]],
  ["the next recorder gets a replay", [
    [first, lost],
    [{ frames: [state("running"), message("a", 1), message("b", 2), done], then: "end" }],
  ]],
  ["a replay breaks off and is whole the next time", [[
    first,
    { frames: [state("running")], then: "break" },
    { frames: [state("running"), message("a", 1), stats(3), done], then: "end" },
  ]]],
  ["there was nothing yet to repeat", [
    [{ frames: [state("queued")], then: "end" }, lost],
    [{ frames: [state("running"), message("a", 1), done], then: "end" }],
  ]],
];

for (const [name, recorders] of COVERED) {
  Deno.test(`no gap is reported if ${name}`, () =>
    withMemory(async (process) => {
      assertStrictEquals(await gapsOf(process, recorders), undefined);
    }));
}

/** The reported gap: after which event, and since when (`created`: since its creation). */
const UNCOVERED: readonly (readonly [
  name: string,
  after: number,
  since: "created" | "heard",
  recorders: readonly (readonly Connection[])[],
  over?: boolean,
])[] = [
  ["it was over before anybody listened", 0, "created", [[{ frames: [done], then: "end" }]]],
  ["it ended while the connection was away, however short", 2, "heard", [[first, {
    frames: [done],
    then: "end",
  }]]],
  ["it ended between two recorders, however short", 2, "heard", [[first, lost], [{
    frames: [done],
    then: "end",
  }]]],
  ["the status says that it is over, and the stream nothing", 2, "heard", [[
    first,
    ...Array.from({ length: 9 }, () => lost),
  ]], true],
  ["the replay broke off and the run ended then", 2, "heard", [[
    first,
    { frames: [state("running")], then: "break" },
    { frames: [done], then: "end" },
  ]]],
  ["the API repeats nothing of what the log has", 2, "heard", [[
    first,
    { frames: [state("running"), message("z", 9), done], then: "end" },
  ]]],
  ["the API repeats no message at all", 2, "heard", [[
    first,
    { frames: [state("running"), done], then: "end" },
  ]]],
  ["the first replay broke off, and the run ended then", 1, "created", [[
    { frames: [state("running")], then: "break" },
    { frames: [done], then: "end" },
  ]]],
  ["the first replay broke off after a message, and the run ended then", 2, "created", [[
    { frames: [state("running"), message("a", 1)], then: "break" },
    { frames: [done], then: "end" },
  ]]],
  ["the first replay broke off, and the status says that the run is over", 2, "created", [[
    { frames: [state("running"), message("a", 1)], then: "break" },
    ...Array.from({ length: 9 }, () => lost),
  ]], true],
  ["the first replay ended early, as if it were whole", 3, "created", [[
    { frames: [state("running"), message("a", 1), stats(3)], then: "end" },
    { frames: [done], then: "end" },
  ]]],
];

for (const [name, after, since, recorders, over = false] of UNCOVERED) {
  Deno.test(`a gap is reported if ${name}`, () =>
    withMemory(async (process) => {
      const gaps = await gapsOf(process, recorders, { over });
      assertStrictEquals(gaps?.length, 1, JSON.stringify(gaps));
      const [gap] = gaps!;
      assertStrictEquals(gap!.after, after);
      if (since === "created") assertStrictEquals(gap!.from_ms, CREATED_MS);
      else assert(gap!.from_ms >= START_MS, `since ${gap!.from_ms}`);
      assert(gap!.to_ms > gap!.from_ms);
    }));
}

const CREATED = 0, OPENED = 100_000;
const said = { isNew: true, isTerminal: false };
const running = { type: "task_run.state", isNew: false, isTerminal: false };
const plan = { type: "task_run.progress_msg.plan", ...said };
const known = { ...plan, isNew: false };
const figures = { type: "task_run.progress_stats", ...said };
/** The steps of a connection. A number is a wait for bytes (ms). */
type Step = typeof plan | number;

/** Until when the trace is whole once a connection is lost: since when it was not before, or the last event. */
const LOST: readonly (readonly [
  name: string,
  hasMessages: boolean,
  steps: readonly Step[],
  until: "before" | "last",
])[] = [
  ["said nothing", false, [], "before"],
  ["only told the state", false, [running], "before"],
  ["only told the state, after a while", false, [5_000, running], "before"],
  ["broke off before the log's messages were repeated", true, [running], "before"],
  ["broke off while the log's messages were repeated", true, [running, known], "before"],
  ["broke off after the first message that is new", true, [running, known, plan], "before"],
  [
    "broke off in a replay that came byte by byte",
    true,
    [running, 900, known, 900, plan],
    "before",
  ],
  ["broke off while the first replay was told", false, [running, plan, plan], "before"],
  ["broke off in a replay that was long in coming", false, [running, 9_000, plan, plan], "before"],
  ["broke off after the figures of a replay", true, [running, known, figures], "before"],
  ["was silent for ever after a message", false, [running, plan], "before"],
  ["told the state again", false, [running, plan, running], "last"],
  ["told of a change of state", false, [running, { ...running, isNew: true }], "last"],
  ["told figures again", true, [running, known, figures, plan, figures], "last"],
  ["went on after a pause", false, [running, plan, 2_000, plan], "last"],
  ["went on after a pause that followed the log's messages", true, [running, known, 2_000], "last"],
  ["repeated nothing of the log's messages, and told figures", true, [
    running,
    figures,
    figures,
    3_000,
    running,
  ], "before"],
];

for (const [name, hasMessages, steps, until] of LOST) {
  Deno.test(`a trace is complete until ${until === "last" ? "the last event" : "where it was before"} if a connection ${name}`, () => {
    let now = OPENED, lastMs = OPENED;
    const coverage = new Coverage({ untilMs: CREATED, hasMessages, now: () => now });
    coverage.opened();
    for (const step of steps) {
      if (typeof step === "number") {
        now += step;
        coverage.waited(step);
        lastMs = now;
      } else {
        lastMs = ++now;
        assertStrictEquals(coverage.heard(step), null);
      }
    }
    // Until it is found to be dead.
    now += 60_000;
    assertStrictEquals(coverage.untilMs, until === "last" ? lastMs : CREATED);
    coverage.ended();
    assertStrictEquals(coverage.untilMs, until === "last" ? lastMs : CREATED);
  });
}

Deno.test("a reported gap is not reported again when the same connection is lost", () => {
  const coverage = new Coverage({ untilMs: CREATED, hasMessages: true, now: () => OPENED });
  coverage.opened();
  coverage.heard(running);
  assertStrictEquals(coverage.heard(plan), CREATED);
  coverage.ended();
  assertStrictEquals(coverage.untilMs, OPENED);
});

Deno.test("a run imported after its end has no gap", () =>
  withMemory(async (process) => {
    const gaps = await gapsOf(process, [[{ frames: [done], then: "end" }]], { recordedMs: null });
    assertStrictEquals(gaps, undefined);
  }));

Deno.test("gaps are listed by position, and the oldest of many are merged", () =>
  withMemory(async (process) => {
    // An API that never repeats anything.
    const apart = Array.from({ length: 30 }, (_, n): Connection => ({
      frames: [state("running"), message(`m${n}`, n), state("running")],
      then: "end",
    }));
    const gaps = (await gapsOf(process, [[...apart, { frames: [done], then: "end" }]]))!;
    assertEquals(
      gaps.map(({ after }) => after),
      [2, ...Array.from({ length: 19 }, (_, n) => n + 13)],
    );
    const [oldest, next] = gaps;
    assert(oldest!.to_ms - oldest!.from_ms >= 10 * TICK_MS, JSON.stringify(oldest));
    assert(oldest!.to_ms <= next!.from_ms);
  }));
