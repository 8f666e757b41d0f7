/** No single response ends a run: temporary rejections, error pages, late results. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { readHead } from "../../../lib/runs/log/head.ts";
import { readHistory } from "../../../lib/runs/history/mod.ts";
import { activeKey, readActive } from "../../../lib/runs/log/active.ts";
import { record, RefusedError } from "../../../lib/runs/log/recorder.ts";
import { LOST } from "../../../lib/runs/model/view.ts";
import { ACCOUNT, type Process, readAll, RUN, withMemory } from "../log_tools.ts";
import { recorderOf, runJson } from "../recording_tools.ts";
import { type Connection, message, ScriptedUpstream, state } from "../upstream.ts";

const OUTPUT = { type: "text", content: "the result", basis: [] };
const never = () => new AbortController().signal;
const refusal = (status: number) => () =>
  Response.json({ type: "error", error: { ref_id: "r", message: "no" } }, { status });
const strange = (status: number) => () =>
  Response.json({ message: "no Route matched" }, { status });
const page = (status: number) => () =>
  new Response("<h1>Access denied</h1>", { status, headers: { "content-type": "text/html" } });
const running = () => Response.json(runJson("running"));
const times = (count: number, connection: Connection) =>
  Array.from({ length: count }, () => connection);

const END: Connection = { frames: [state("running"), message("b"), state("failed")], then: "end" };

/** How many refusals each gets, and the run's status during them. */
const PASSING: readonly (readonly [string, readonly Connection[], () => Response])[] = [
  ["404 for a while", times(30, { status: 404 }), running],
  ["401 once", [{ status: 401 }], running],
  [
    "403 with a page of an edge",
    times(30, { status: 403, headers: { "content-type": "text/html" } }),
    running,
  ],
  ["400, 410 and 422", [400, 410, 422].map((status) => ({ status })), running],
  [
    "a page with status 200",
    times(30, { status: 200, headers: { "content-type": "text/html" } }),
    running,
  ],
  ["an empty answer (204)", times(30, { status: 204 }), running],
  ["401 while the run cannot be asked about", times(30, { status: 401 }), refusal(503)],
  ["404 while a page answers for the run", times(30, { status: 404 }), page(403)],
  ["404 while a gateway knows no such path", times(40, { status: 404 }), strange(404)],
  ["403 while a firewall answers in JSON", times(40, { status: 403 }), strange(403)],
  ["401 a few times, of the run's account too", times(5, { status: 401 }), refusal(401)],
];

for (const [name, refused, status] of PASSING) {
  Deno.test(`a stream response ${name} does not end the run, which is recorded to its end`, () =>
    withMemory(async (process) => {
      const upstream = new ScriptedUpstream([
        { frames: [state("running"), message("a")], then: "end" },
        ...refused,
        { frames: [state("running"), message("a"), message("b"), state("failed")], then: "end" },
      ]);
      upstream.status = status;
      await record(recorderOf(process, upstream), RUN, never());
      const said = (await readAll(process)).map(({ data }) => {
        const payload = JSON.parse(data);
        return payload.message ?? payload.run?.status ?? payload;
      });
      assertEquals(said, ["running", "a", "b", "failed"]);
      assertStrictEquals(
        (await readHead(process.kv, RUN))!.head.gaps,
        undefined,
        "it was all repeated",
      );
    }));
}

for (const status of [401, 403, 404]) {
  Deno.test(`a persistent ${status}, also for the run itself, gives one error event and ends the log`, () =>
    withMemory(async (process) => {
      const upstream = new ScriptedUpstream([
        { frames: [state("running")], then: "end" },
        ...times(100, { status }),
      ]);
      upstream.status = refusal(status);
      await record(recorderOf(process, upstream), RUN, never());
      const events = await readAll(process);
      assertEquals(events.map((event) => event.event), ["task_run.state", "error"]);
      assertMatch(JSON.parse(events[1]!.data).error.message, /^Recording stopped: /);
      assertEquals(await process.relay.open(RUN, 2), { status: "done" });
      assertStrictEquals((await readHistory(process.kv, ACCOUNT, {})).runs[0]!.status, LOST);
      assert(upstream.connections > 5, `given up after ${upstream.connections} connections`);
    }));
}

Deno.test("a run that the API refuses to one key goes on with another", () =>
  withMemory(async (process) => {
    const key = (account: string, name: string) => ({
      account,
      sealed_key: name,
      key_sha256: name,
    });
    // Two accounts became one.
    const both = { ...key(ACCOUNT, "new"), group: "tgrp_1", others: [key(ACCOUNT, "old")] };
    await process.kv.set(activeKey(RUN), both);
    const refusing = new ScriptedUpstream(times(100, { status: 401 }));
    refusing.status = refusal(401);
    const context = recorderOf(process, refusing);
    const clientFor = async (runId: string) => {
      const { sealed_key: sealedKey } = (await readActive(process.kv, runId))!;
      return { ...(await context.clientFor(runId))!, sealedKey };
    };
    await assertRejects(() => record({ ...context, clientFor }, RUN, never()), RefusedError);
    assertEquals(await readActive(process.kv, RUN), {
      ...key(ACCOUNT, "old"),
      group: "tgrp_1",
      refused: ["new"],
    });
    await record(recorderOf(process, new ScriptedUpstream([END])), RUN, never());
    const said = (await readAll(process)).map(({ data }) => JSON.parse(data).run?.status ?? "b");
    assertEquals(said, ["running", "b", "failed"]);
  }));

Deno.test("the last key that is refused ends the log", () =>
  withMemory(async (process) => {
    await process.kv.set(activeKey(RUN), { account: ACCOUNT, sealed_key: "x" });
    const upstream = new ScriptedUpstream(times(100, { status: 401 }));
    upstream.status = refusal(401);
    const context = recorderOf(process, upstream);
    const clientFor = async () => ({ ...(await context.clientFor(RUN))!, sealedKey: "x" });
    await record({ ...context, clientFor }, RUN, never());
    assertStrictEquals((await readHead(process.kv, RUN))!.head.status, LOST);
  }));

Deno.test("a gateway that keeps rejecting ends the log after half an hour", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream(times(100, { status: 404 }));
    upstream.status = strange(404);
    await record(recorderOf(process, upstream), RUN, never());
    const events = await readAll(process);
    assertMatch(JSON.parse(events.at(-1)!.data).error.message, /^Recording stopped: /);
    assert(upstream.connections > 60, `given up after ${upstream.connections} connections`);
  }));

Deno.test("a gateway's rejections do not count towards the API's own", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream([...times(60, { status: 404 }), END]);
    let asked = 0;
    upstream.status = () => ++asked % 10 === 0 ? refusal(404)() : strange(404)();
    await record(recorderOf(process, upstream), RUN, never());
    assertStrictEquals((await readHead(process.kv, RUN))!.head.status, "failed");
  }));

Deno.test("only consecutive rejections count: one success resets the count", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream([...times(60, { status: 401 }), END]);
    let asked = 0;
    upstream.status = () => ++asked % 4 === 0 ? running() : refusal(401)();
    await record(recorderOf(process, upstream), RUN, never());
    assertStrictEquals((await readHead(process.kv, RUN))!.head.status, "failed");
  }));

Deno.test("a run whose stream stays rejected is followed by its status and ends with its result", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream(
      times(1000, { status: 403 }),
      () => Response.json({ run: runJson("completed"), output: OUTPUT }),
    );
    let asked = 0;
    upstream.status = () => ++asked < 20 ? running() : Response.json(runJson("completed"));
    await record(recorderOf(process, upstream), RUN, never());
    const [event] = await readAll(process);
    assertEquals(JSON.parse(event!.data).output, OUTPUT);
  }));

Deno.test("waits between rejections grow to at most 30 s", () =>
  withMemory(async (process) => {
    const waits: number[] = [];
    const upstream = new ScriptedUpstream([...times(14, { status: 404 }), END]);
    upstream.status = running;
    const context = recorderOf(process, upstream);
    const { timers } = context;
    await record(
      {
        ...context,
        timers: {
          ...timers!,
          setTimeout: (run: () => void, ms: number) => {
            if (ms < 60_000) waits.push(ms);
            return timers!.setTimeout(run, ms);
          },
        },
      },
      RUN,
      never(),
    );
    const grown = Array.from({ length: 14 }, (_, n) => Math.min(30_000, 100 * 2 ** n));
    assertEquals(waits.filter((ms) => grown.includes(ms)), grown);
    assertStrictEquals(Math.max(...waits), 30_000);
  }));

Deno.test("the run is checked during a Retry-After delay", () =>
  withMemory(async (process) => {
    const upstream = new ScriptedUpstream(
      [{ status: 503, headers: { "retry-after": "3600" } }],
      () => Response.json({ run: runJson("completed"), output: OUTPUT }),
    );
    let asked = 0;
    upstream.status = () => ++asked < 5 ? running() : Response.json(runJson("completed"));
    const context = recorderOf(process, upstream);
    await record(
      {
        ...context,
        // An hour never passes; half a minute does at once.
        timers: {
          ...context.timers!,
          setTimeout: (run: () => void, ms: number) => {
            if (ms < 60_000) setTimeout(run, 0);
            return undefined;
          },
        },
      },
      RUN,
      never(),
    );
    assertEquals([upstream.connections, asked], [1, 5]);
  }));

/** Records a run that its stream says is completed, without the result. */
async function completedWith(process: Process, result: () => Response): Promise<number> {
  const upstream = new ScriptedUpstream(
    [{ frames: [state("completed", { run: runJson("completed") })], then: "end" }],
    result,
  );
  await record(recorderOf(process, upstream), RUN, never());
  return upstream.requests.filter(({ url }) => url.includes("/result")).length;
}

const LATE: readonly (readonly [string, () => Response])[] = [
  ["404", refusal(404)],
  ["401", refusal(401)],
  ["a page", page(200)],
  ["a page with 403", page(403)],
  ["something else", () => Response.json({ output: "what?" })],
  ["408", refusal(408)],
];

for (const [name, late] of LATE) {
  Deno.test(`the result of a completed run is requested again if the response is ${name}`, () =>
    withMemory(async (process) => {
      let asked = 0;
      const asks = await completedWith(
        process,
        () => ++asked <= 40 ? late() : Response.json({ run: runJson("completed"), output: OUTPUT }),
      );
      assertStrictEquals(asks, 41);
      assertEquals(JSON.parse((await readAll(process)).at(-1)!.data).output, OUTPUT);
    }));

  Deno.test(`a completed run whose result stays ${name} ends without one, after half an hour`, () =>
    withMemory(async (process) => {
      assertStrictEquals(await completedWith(process, late), 70);
      const { head } = (await readHead(process.kv, RUN))!;
      assertEquals([head.ended, head.status, head.output], [true, "completed", null]);
      assertStrictEquals(JSON.parse((await readAll(process)).at(-1)!.data).output, null);
    }));
}

Deno.test("a final state or a result of another run, which a proxy has mixed up, does not end the run", () =>
  withMemory(async (process) => {
    const other = { run_id: "trun_other", status: "completed", is_active: false };
    const upstream = new ScriptedUpstream(
      [
        {
          frames: [
            state("running"),
            message("a"),
            state("completed", { run: other, output: OUTPUT }),
          ],
          then: "end",
        },
        { frames: [state("running"), message("a"), message("b"), state("completed")], then: "end" },
      ],
      () =>
        Response.json({ run: runJson("completed", results++ < 3 ? other : {}), output: OUTPUT }),
    );
    let results = 0;
    upstream.status = running;
    await record(recorderOf(process, upstream), RUN, never());
    const said = (await readAll(process)).map(({ data }) => JSON.parse(data));
    assertEquals(
      said.map(({ message, run }) => message ?? `${run.run_id} ${run.status}`),
      [`${RUN} running`, "a", "b", `${RUN} completed`],
    );
    assertEquals(said.at(-1).output, OUTPUT);
    assertStrictEquals(results, 4);
  }));
