/** The official SDK as a client: it reads everything without complaint. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import Parallel, {
  APIError,
  AuthenticationError,
  NotFoundError,
  PermissionDeniedError,
  UnprocessableEntityError,
} from "parallel-web";
import { KEY, ORIGIN, type Room, withRoom } from "./support.ts";
import { assertError } from "../assert_error.ts";

function client(room: Room, apiKey = KEY): Parallel {
  return new Parallel({
    apiKey,
    baseURL: ORIGIN,
    maxRetries: 0,
    fetch: (input, init) => room.sandbox.fetch(new Request(input, init)),
  });
}

Deno.test("the SDK creates, retrieves, reads the input and waits for the result", () =>
  withRoom(async (room) => {
    const { taskRun } = client(room);
    const input = { input: "Who built the Eiffel Tower?", processor: "base" };
    const created = await taskRun.create(input);
    assertStrictEquals(created.status, "queued");
    assertStrictEquals((await taskRun.retrieve(created.run_id)).run_id, created.run_id);
    assertEquals(await taskRun.retrieveInput(created.run_id), input);
    const { run, output } = await taskRun.result(created.run_id, { timeout: 25 });
    assertStrictEquals(run.status, "completed");
    assertStrictEquals(output.type, "json");
  }));

Deno.test("the SDK follows the events to the end", () =>
  withRoom(async (room) => {
    const { taskRun } = client(room);
    const { run_id } = await taskRun.create({ input: "Which rivers are tidal?", processor: "pro" });
    const types = new Set<string>();
    let status = "";
    for await (const event of await taskRun.events(run_id)) {
      types.add(event.type);
      if (event.type === "task_run.state") status = event.run.status;
    }
    assertStrictEquals(status, "completed");
    for (
      const type of ["task_run.state", "task_run.progress_stats", "task_run.progress_msg.plan"]
    ) {
      assert(types.has(type), type);
    }
  }));

type Call = (api: Parallel) => Promise<unknown>;
const UNKNOWN = `trun_${"0".repeat(32)}`;
const ERRORS: readonly (readonly [string, new (...args: never[]) => APIError, number, Call])[] = [
  ["an unknown run", NotFoundError, 404, ({ taskRun }) => taskRun.retrieve(UNKNOWN)],
  [
    "an unknown processor",
    PermissionDeniedError,
    403,
    ({ taskRun }) => taskRun.create({ input: "x", processor: "mega" }),
  ],
  [
    "a wrong field",
    UnprocessableEntityError,
    422,
    ({ taskRun }) => taskRun.create({ input: "", processor: "lite" }),
  ],
  [
    "no credit",
    APIError,
    402,
    ({ taskRun }) => taskRun.create({ input: "x", processor: "lite", metadata: { sandbox: 402 } }),
  ],
  ["an unknown group", NotFoundError, 404, ({ taskGroup }) => taskGroup.retrieve("tgrp_1")],
];
for (const [name, kind, status, call] of ERRORS) {
  Deno.test(`the SDK throws ${kind.name} ${status} for ${name}`, () =>
    withRoom(async (room) => {
      assertError(await assertRejects(() => call(client(room))), (error: unknown) => {
        assert(error instanceof kind);
        assertStrictEquals(error.status, status);
        return true;
      });
    }));
}

Deno.test("the SDK throws AuthenticationError for a key that is not the sandbox's", () =>
  withRoom(async (room) => {
    await assertRejects(() => client(room, "pk-1").taskRun.retrieve(UNKNOWN), AuthenticationError);
  }));

Deno.test("the SDK works with groups as the vendor's own tools do", () =>
  withRoom(async (room) => {
    const { taskGroup } = client(room);
    const { taskgroup_id: id } = await taskGroup.create({ metadata: { name: "companies" } });
    const inputs = Array.from({ length: 3 }, (_, n) => ({
      input: { company: `Acme ${n}` },
      processor: "lite-fast",
    }));
    const default_task_spec = { output_schema: "Who leads the company?" };
    const { run_ids } = await taskGroup.addRuns(id, { inputs, default_task_spec });
    const seen: string[] = [];
    for await (const event of await taskGroup.events(id)) {
      seen.push(event.type === "task_run.state" ? event.run.run_id : event.type);
    }
    assertEquals(run_ids.filter((run) => !seen.includes(run)), []);
    const { status } = await taskGroup.retrieve(id);
    assertEquals([status.is_active, status.task_run_status_counts], [false, { completed: 3 }]);
    const query = { include_input: true, include_output: true };
    for await (const event of await taskGroup.getRuns(id, query)) {
      assert(event.type === "task_run.state");
      assertStrictEquals(event.output?.type, "text");
      assertStrictEquals(typeof event.input?.input, "object");
    }
    const one = await taskGroup.retrieveRun(run_ids[0]!, { taskgroup_id: id });
    assertStrictEquals(one.taskgroup_id, id);
  }));
