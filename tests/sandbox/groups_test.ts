/** Groups of runs: requests, responses and timing. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { BoundedValidator } from "../../lib/tasks/schema/bounded_validator.ts";
import { GroupRoom, GROUPS, inputsOf, runsIn } from "./groups_support.ts";
import { NOON, type Room, withRoom } from "./support.ts";

const SCHEMA = {
  type: "object",
  properties: { ceo: { type: "string" }, year: { type: "integer" } },
  required: ["ceo", "year"],
  additionalProperties: false,
};
const SPEC = { output_schema: { type: "json", json_schema: SCHEMA } };

const withGroups = (
  test: (groups: GroupRoom, room: Room) => Promise<void>,
  options: Parameters<typeof withRoom>[1] = {},
) => withRoom((room) => test(new GroupRoom(room), room), options);

Deno.test("a new group is empty and inactive; it keeps its metadata", () =>
  withGroups(async (groups, room) => {
    const response = await groups.post("", { metadata: { name: "x", n: 1 } });
    assertStrictEquals(response.status, 200);
    const group = await response.json();
    assertMatch(group.taskgroup_id, /^tgrp_[0-9a-f]{32}$/);
    assertEquals(group.metadata, { name: "x", n: 1 });
    assertEquals(group.status, {
      num_task_runs: 0,
      task_run_status_counts: {},
      is_active: false,
      status_message: "",
      modified_at: new Date(NOON).toISOString().replace("Z", "000Z"),
    });
    const [only, ...rest] = await groups.read(group.taskgroup_id, "events");
    assertStrictEquals(only?.status?.is_active, false);
    assertEquals(rest, []);
    assertEquals(await groups.read(group.taskgroup_id, "runs"), []);
    room.clock.ms += 1;
  }));

Deno.test("added runs work, end and are counted by the clock alone", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const added = await groups.add(id, { inputs: inputsOf(3) });
    assertStrictEquals(added.run_ids.length, 3);
    assertEquals([added.run_cursor, added.event_cursor], [null, null]);
    assertEquals(added.status.task_run_status_counts, { queued: 3 });
    const seen = [];
    for (const ms of [0, 1_000, 6_000]) {
      room.clock.ms = NOON + ms;
      const { task_run_status_counts, is_active } = await groups.status(id);
      seen.push([task_run_status_counts, is_active]);
    }
    assertEquals(seen, [[{ queued: 3 }, true], [{ running: 3 }, true], [{ completed: 3 }, false]]);
    const run = await room.get<Record<string, unknown>>(added.run_ids[0]);
    assertEquals([run.status, run.taskgroup_id], ["completed", id]);
    const same = await room.ask(`${GROUPS}/${id}/runs/${added.run_ids[0]}`);
    assertEquals(await same.json(), run);
  }));

Deno.test("a status that is not refreshed stays the previous one", () =>
  withGroups(async (groups) => {
    const id = await groups.create();
    const first = await groups.add(id, { inputs: inputsOf(2) }, "?refresh_status=false");
    assertStrictEquals(first.status.num_task_runs, 0);
    const second = await groups.add(id, { inputs: inputsOf(2) }, "?refresh_status=false");
    assertStrictEquals(second.status.num_task_runs, 2);
    assertStrictEquals((await groups.status(id)).num_task_runs, 4);
  }));

Deno.test("a group's default specification applies to each run without its own, and results fit it", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const inputs = [...inputsOf(6), {
      ...inputsOf(1)[0],
      task_spec: { output_schema: "One line" },
    }];
    const { run_ids } = await groups.add(id, { inputs, default_task_spec: SPEC });
    const validator = new BoundedValidator(SCHEMA);
    room.clock.ms += 10_000;
    const events = await groups.read(id, "runs?include_input=true&include_output=true");
    assertEquals(events.map(({ run }) => run.run_id), run_ids);
    for (const { input, output } of events.slice(0, 6)) {
      assertEquals(input.task_spec, SPEC);
      assertEquals(validator.errorsIn(output.content), []);
      assert(output.basis.length > 0);
    }
    assertEquals([events[6]?.output.type, events[6]?.input.task_spec.output_schema], [
      "text",
      "One line",
    ]);
    const { output } = await room.get<{ output: unknown }>(`${run_ids[2]}/result`);
    assertEquals(output, events[2]?.output);
    const { input } = await room.get<{ input: unknown }>(`${run_ids[2]}/input`);
    assertEquals(input, { company: "Acme 2" });
  }));

Deno.test("the runs' stream is a snapshot: filtered, with only the requested members, and resumable", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const first = await groups.add(id, { inputs: inputsOf(3) });
    room.clock.ms += 6_000;
    const second = await groups.add(id, { inputs: inputsOf(2) });
    room.clock.ms += 1_000;
    const all = await groups.read(id, "runs");
    assertEquals(runsIn(all), [
      ...first.run_ids.map((run: string) => [run, "completed"]),
      ...second.run_ids.map((run: string) => [run, "running"]),
    ]);
    assertEquals(all.map(({ input, output }) => [input, output]), Array(5).fill([null, null]));
    const running = await groups.read(id, "runs?status=running&include_output=true");
    assertEquals(runsIn(running).map(([run]) => run), second.run_ids);
    for (const [place, { event_id }] of all.entries()) {
      const rest = await groups.read(id, `runs?last_event_id=${event_id}`);
      assertEquals(rest, all.slice(place + 1));
    }
    assertEquals(
      runsIn(await groups.read(id, `runs?last_event_id=${second.run_cursor}`)).map(([run]) => run),
      second.run_ids,
    );
  }));

Deno.test("events report counts and ends, in an order in which any cursor resumes", () =>
  withGroups(async (groups) => {
    const id = await groups.create();
    const { run_ids } = await groups.add(id, { inputs: inputsOf(40) });
    const all = await groups.read(id, "events");
    assertEquals(new Set(all.map(({ event_id }) => event_id)).size, all.length);
    const ends = runsIn(all);
    assertEquals(ends.map(([, status]) => status), Array(40).fill("completed"));
    assertEquals(ends.map(([run]) => run).sort(), [...run_ids].sort());
    assertEquals(all.filter(({ run }) => run && (run.taskgroup_id !== id)), []);
    assert(all.every(({ output }) => (output ?? null) === null), "results are fetched apart");
    const last = all.at(-1);
    assertEquals([last?.status?.is_active, last?.status?.task_run_status_counts], [false, {
      completed: 40,
    }]);
    for (const place of [0, 1, 17, all.length - 2]) {
      const rest = await groups.read(id, `events?last_event_id=${all[place]?.event_id}`);
      assertEquals(rest, all.slice(place + 1));
    }
    // After the last event, the stream repeats the final status instead of being empty.
    const [again, ...none] = await groups.read(id, `events?last_event_id=${last?.event_id}`);
    assertEquals([again?.status, none], [last?.status, []]);
    assertStrictEquals((await groups.read(id, "events")).length, 1);
  }));

Deno.test("runs added while a client listens are reported on the same connection", () =>
  withGroups(async (groups, room) => {
    room.clock.stop();
    const id = await groups.create();
    await groups.add(id, { inputs: inputsOf(2) });
    const events = groups.read(id, "events");
    // The connection has read the group, and waits.
    await room.clock.untilWaiting(1);
    await room.clock.advance(3_000);
    const { run_ids } = await groups.add(id, { inputs: inputsOf(3) });
    const ends = runsIn(await room.clock.advanceUntil(events));
    assertStrictEquals(ends.length, 5);
    assertEquals(ends.slice(2).map(([run]) => run).sort(), [...run_ids].sort());
  }));

Deno.test("a connection is cut after an hour or its timeout, and resumes with its cursor", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const slow = { metadata: { sandbox_seconds: 5_000 } };
    await groups.add(id, { inputs: [...inputsOf(1), ...inputsOf(1, slow)] });
    const started = room.clock.ms;
    const first = await groups.read(id, "events");
    const passed = room.clock.ms - started;
    assert(passed >= 3_600_000 && passed < 3_601_000, `${passed} ms`);
    assertStrictEquals(runsIn(first).length, 1);
    const before = room.clock.ms;
    await groups.read(id, `events?timeout=30&last_event_id=${first.at(-1)?.event_id}`);
    assert(room.clock.ms - before <= 30_250);
    const rest = await groups.read(id, `events?last_event_id=${first.at(-1)?.event_id}`);
    assertStrictEquals(runsIn(rest).length, 1);
  }));

Deno.test("a restart in the middle changes nothing", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    await groups.add(id, { inputs: inputsOf(5) });
    room.clock.ms += 2_000;
    const before = await groups.read(id, "runs?include_input=true");
    room.restart();
    assertEquals(await groups.read(id, "runs?include_input=true"), before);
    room.clock.ms += 10_000;
    const results = await groups.read(id, "runs?include_output=true");
    room.restart();
    assertEquals(await groups.read(id, "runs?include_output=true"), results);
  }));

Deno.test("runs wait for their slots in order of arrival, over all groups of a key", () =>
  withGroups(async (groups, room) => {
    const [one, two] = [await groups.create(), await groups.create()];
    await groups.add(one, { inputs: inputsOf(5) });
    await groups.add(two, { inputs: inputsOf(5) });
    const most: number[] = [];
    for (let step = 0; step < 40; step++) {
      room.clock.ms += 1_000;
      const counts = [await groups.status(one), await groups.status(two)]
        .map((status) => status.task_run_status_counts.running ?? 0);
      most.push(counts[0]! + counts[1]!);
    }
    assertStrictEquals(Math.max(...most), 2);
    assertEquals(
      [await groups.status(one), await groups.status(two)].map((each) => each.is_active),
      [
        false,
        false,
      ],
    );
    const [first] = runsIn(await groups.read(one, "runs"));
    const run = await room.get<{ created_at: string; status: string }>(first![0]);
    assertStrictEquals(run.status, "completed");
  }, { slots: { perKey: 2, inAll: 100 } }));

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ["no inputs", {}, "inputs"],
  ["a number for inputs", { inputs: 1 }, "inputs"],
  ["1,001 inputs", { inputs: Array(1_001).fill({}) }, "inputs"],
  ["a row without a processor", { inputs: [inputsOf(1)[0], { input: "x" }] }, "inputs.1.processor"],
  ["a row that is no object", { inputs: ["x"] }, "inputs.0"],
  [
    "a row with more values than its characters allow",
    { inputs: [{ input: { list: Array(50_000).fill(0) }, processor: "lite" }] },
    "inputs.0",
  ],
  [
    "a default specification of more values than its characters allow",
    {
      inputs: inputsOf(1),
      default_task_spec: { output_schema: { json_schema: { enum: Array(50_000).fill(0) } } },
    },
    "default_task_spec",
  ],
  [
    "an object of more members than a run's characters allow",
    {
      inputs: [{
        input: Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [n, n])),
        processor: "lite",
      }],
    },
    "",
  ],
  [
    "a default specification that breaks a rule",
    {
      inputs: inputsOf(1),
      default_task_spec: { output_schema: { json_schema: { type: "array" } } },
    },
    "default_task_spec.output_schema.json_schema.type",
  ],
  [
    "a row that is too long with the specification that all share",
    {
      inputs: [{ input: "y".repeat(24_000), processor: "lite" }],
      default_task_spec: { output_schema: "z".repeat(2_000) },
    },
    "inputs.0.input",
  ],
];
for (const [name, body, field] of REFUSED) {
  Deno.test(`${name} gives 422 in the format of these endpoints, and adds nothing`, () =>
    withGroups(async (groups) => {
      const id = await groups.create();
      const response = await groups.post(`/${id}/runs`, body);
      assertStrictEquals(response.status, 422);
      const { detail } = await response.json();
      const places = detail.map(({ loc }: { loc: string[] }) => loc.join("."));
      assert(places.includes(`body.${field}`.replace(/\.$/, "")), places.join());
      assertStrictEquals((await groups.status(id)).num_task_runs, 0);
    }));
}

Deno.test("another key's group gives the same 404 as a missing one", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const { run_ids } = await groups.add(id, { inputs: inputsOf(1) });
    for (const group of [id, `tgrp_${"0".repeat(32)}`, "tgrp_1", "..%2f"]) {
      for (const path of ["", "/events", "/runs", `/runs/${run_ids[0]}`]) {
        const response = await room.ask(`${GROUPS}/${group}${path}`, { key: "sandbox-other" });
        assertStrictEquals(response.status, 404);
        assertStrictEquals((await response.json()).error.message, "TaskGroup not found");
      }
    }
    const other = await room.ask(`${GROUPS}/${id}`, { key: null });
    assertStrictEquals(other.status, 401);
    await other.body?.cancel();
    const elsewhere = await groups.create();
    const run = await room.ask(`${GROUPS}/${elsewhere}/runs/${run_ids[0]}`);
    assertStrictEquals((await run.json()).error.message, "Run id not found");
  }));

Deno.test("a meaningless query gives 422, and a wrong method 405", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    for (const path of ["events?timeout=soon", "runs?status=done", "runs?include_input=maybe"]) {
      const response = await room.ask(`${GROUPS}/${id}/${path}`);
      assertStrictEquals(response.status, 422, path);
      assertStrictEquals((await response.json()).detail[0].loc[0], "query");
    }
    for (const [path, allow] of [["", "GET"], ["/runs", "GET, POST"], ["/events", "GET"]]) {
      const response = await room.ask(`${GROUPS}/${id}${path}`, { method: "DELETE" });
      assertEquals([response.status, response.headers.get("allow")], [405, allow]);
      await response.body?.cancel();
    }
  }));

Deno.test("a run in a group expires alone, and the group with its last run", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const { run_ids: [one, two] } = await groups.add(id, { inputs: inputsOf(2) });
    await room.sandbox.forget(one);
    assertStrictEquals((await room.ask(`/v1/tasks/runs/${one}`)).status, 404);
    assertEquals(runsIn(await groups.read(id, "runs")).map(([run]) => run), [two]);
    await room.sandbox.forget(two);
    assertStrictEquals((await room.ask(`${GROUPS}/${id}`)).status, 404);
    assertEquals(await Array.fromAsync(room.kv.list({ prefix: ["sandbox"] })), []);
  }));

Deno.test("integers in a row keep their digits, and a row of 70 KB is kept complete", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const long = "€".repeat(23_000);
    const body =
      `{"inputs":[{"input":{"id":12345678901234567890,"n":1.0,"t":"${long}"},"processor":"lite"}]}`;
    const response = await room.ask(`${GROUPS}/${id}/runs`, { method: "POST", body });
    const { run_ids } = await response.json();
    const text = await (await room.ask(`/v1/tasks/runs/${run_ids[0]}/input`)).text();
    assert(text.includes('"id":12345678901234567890,"n":1.0') && text.includes(long));
  }));
