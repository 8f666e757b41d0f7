/** Groups of runs through the client: its requests, and how it reads responses and streams. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { TaskClient } from "../../lib/parallel/client.ts";
import {
  type GroupEvent,
  GroupStreamError,
  readGroupEvent,
} from "../../lib/parallel/client_group_streams.ts";
import { errorBody } from "../../lib/parallel/errors.ts";

const KEY = "secret-key-1234";
const STATUS = {
  num_task_runs: 2,
  task_run_status_counts: { queued: 1, running: 1 },
  is_active: true,
  status_message: "",
  modified_at: "2026-01-01T00:00:00.000000Z",
};
const GROUP = { taskgroup_id: "tgrp_1", metadata: {}, created_at: null, status: STATUS };
const RUN = { run_id: "trun_1", status: "completed", is_active: false, processor: "lite" };

/** A client of an upstream that gives one answer, and what it was asked. */
function clientOf(answer: () => Response | Promise<Response>) {
  const requests: Request[] = [];
  const client = new TaskClient({
    baseUrl: "https://api.test/",
    apiKey: KEY,
    fetch: async (input, init) => {
      requests.push(new Request(input, init));
      return await answer();
    },
  });
  return { client, requests };
}

const stream = (body: BodyInit, status = 200, type = "text/event-stream") => () =>
  new Response(body, { status, headers: { "content-type": type } });

const frame = (type: string, payload: Record<string, unknown>) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}\n\n`;

const CALLS: readonly (readonly [
  name: string,
  answer: unknown,
  call: (client: TaskClient) => Promise<{ ok: boolean }>,
  asked: string,
  body?: unknown,
])[] = [
  ["create", GROUP, ({ groups }) => groups.create(), "POST /v1/tasks/groups", {}],
  [
    "create with metadata",
    GROUP,
    ({ groups }) => groups.create({ metadata: { a: 1 } }),
    "POST /v1/tasks/groups",
    { metadata: { a: 1 } },
  ],
  ["retrieve", GROUP, ({ groups }) => groups.retrieve("tgrp_1"), "GET /v1/tasks/groups/tgrp_1"],
  [
    "an id that would climb",
    GROUP,
    ({ groups }) => groups.retrieve("../x"),
    "GET /v1/tasks/groups/%2E%2E%2Fx",
  ],
  [
    "add runs",
    { status: STATUS, run_ids: ["trun_1"], run_cursor: null, event_cursor: "7" },
    ({ groups }) => groups.addRuns("tgrp_1", { inputs: [{ input: "x", processor: "lite" }] }),
    "POST /v1/tasks/groups/tgrp_1/runs?refresh_status=false",
    { inputs: [{ input: "x", processor: "lite" }] },
  ],
  [
    "suggest",
    { output_schema: { type: "object" }, title: "T" },
    (client) => client.suggest({ user_intent: "CEOs" }),
    "POST /v1beta/tasks/suggest",
    { user_intent: "CEOs" },
  ],
];
for (const [name, answer, call, asked, body] of CALLS) {
  Deno.test(`${name} sends one request in the API's format`, async () => {
    const { client, requests } = clientOf(() => Response.json(answer));
    assert((await call(client)).ok);
    const [request] = requests;
    assert(request !== undefined && requests.length === 1);
    const { pathname, search } = new URL(request.url);
    assertStrictEquals(`${request.method} ${pathname}${search}`, asked);
    assertStrictEquals(request.headers.get("x-api-key"), KEY);
    if (body !== undefined) assertEquals(await request.json(), body);
  });
  Deno.test(`${name} fails on an unexpected response or a rejection`, async () => {
    for (const other of [{}, [], { taskgroup_id: 1 }, { run_ids: [1], status: STATUS }]) {
      const { client } = clientOf(() => Response.json(other));
      assert(!(await call(client)).ok);
    }
    const { client, requests } = clientOf(() =>
      Response.json({ detail: [{ loc: ["body", "inputs"], msg: "Field required" }] }, {
        status: 422,
      })
    );
    const refused = await call(client);
    assert(!refused.ok);
    assertStrictEquals(requests.length, 1);
  });
}

Deno.test("integers in a row keep their digits on the way to the API", async () => {
  const { client, requests } = clientOf(() =>
    Response.json({ status: STATUS, run_ids: [], run_cursor: "", event_cursor: "" })
  );
  const { readVerbatim } = await import("../../lib/base/mod.ts");
  const input = readVerbatim('{"id":12345678901234567890}') as Record<string, unknown>;
  const added = await client.groups.addRuns("tgrp_1", { inputs: [{ input, processor: "lite" }] });
  assert(added.ok && added.value.run_cursor === null);
  assert((await requests[0]!.text()).includes('"id":12345678901234567890'));
});

const OUTPUT = '{"type":"text","content":"x","basis":[],"big":12345678901234567890}';
const EVENTS = frame("task_group_status", { event_id: "1", status: STATUS }) +
  `event: task_run.state\ndata: {"type":"task_run.state","event_id":"2","input":null,"run":${
    JSON.stringify(RUN)
  },"output":${OUTPUT}}\n\n` +
  ": ping\n\n" + frame("error", { error: { ref_id: "r", message: `no ${KEY}` } }) +
  "event: task_run.state\ndata: {oops\n\n" + frame("task_group.news", {});

Deno.test("a group's events are read one by one, with unchanged outputs and without the key", async () => {
  const { client, requests } = clientOf(stream(EVENTS));
  const events = await Array.fromAsync(client.groups.events("tgrp_1", { lastEventId: "a b" }));
  assertStrictEquals(
    requests[0]?.url,
    "https://api.test/v1/tasks/groups/tgrp_1/events?last_event_id=a+b",
  );
  assertEquals(events.map(({ kind }) => kind), ["status", "run", "error", "other", "other"]);
  const [status, run, error] = events;
  assert(status?.kind === "status" && status.eventId === "1" && status.status.is_active);
  assert(run?.kind === "run" && run.eventId === "2" && run.run.run_id === "trun_1");
  assertStrictEquals(run.outputText, OUTPUT);
  assert(error?.kind === "error" && !error.message.includes(KEY));
});

Deno.test("a group's runs are requested with the chosen parts", async () => {
  const input = { input: { n: 1 }, processor: "lite" };
  const body = frame("task_run.state", { event_id: "9", input, run: RUN, output: null });
  const { client, requests } = clientOf(stream(body));
  const options = {
    includeInput: true,
    includeOutput: true,
    status: "completed",
    lastEventId: "8",
  } as const;
  const [event] = await Array.fromAsync(client.groups.runs("tgrp_1", options));
  assert(event?.kind === "run" && event.outputText === null);
  assertEquals(event.input, input);
  assertStrictEquals(
    new URL(requests[0]!.url).search,
    "?include_input=true&include_output=true&status=completed&last_event_id=8",
  );
});

const BROKEN:
  readonly (readonly [string, () => Response | Promise<Response>, string, number | null])[] = [
    [
      "a refusal",
      () => Response.json(errorBody("TaskGroup not found", { refId: "r" }), { status: 404 }),
      "refused",
      404,
    ],
    ["a page in its place", stream("<h1>hi</h1>", 200, "text/html"), "malformed", 200],
    ["a page of a gateway", stream("<h1>hi</h1>", 403, "text/html"), "malformed", 403],
    [
      "a broken connection",
      () => Promise.reject(new TypeError("connection reset")),
      "unreachable",
      null,
    ],
    ["an error of the server", () => new Response("", { status: 503 }), "refused", 503],
  ];
for (const [name, answer, kind, status] of BROKEN) {
  Deno.test(`${name} is reported as a stream failure after one request`, async () => {
    const { client, requests } = clientOf(answer);
    const error = await assertRejects(() => Array.fromAsync(client.groups.events("tgrp_1")));
    assert(error instanceof GroupStreamError);
    assertStrictEquals(error.failure.kind, kind);
    if (kind !== "malformed") assertStrictEquals(error.failure.status, status);
    assertStrictEquals(requests.length, 1);
  });
}

Deno.test("events before an interruption are kept, and leaving a stream closes it", async () => {
  let isCancelled = false;
  const endless = () => {
    let count = 0;
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          const text = frame("task_group_status", { event_id: `${++count}`, status: STATUS });
          controller.enqueue(new TextEncoder().encode(text));
        },
        cancel: () => void (isCancelled = true),
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  };
  const { client } = clientOf(endless);
  const seen: GroupEvent[] = [];
  for await (const event of client.groups.events("tgrp_1")) {
    if (seen.push(event) === 3) break;
  }
  assertStrictEquals(seen.length, 3);
  assert(isCancelled);
});

Deno.test("an output beyond the JSON limits hides neither its run nor itself", () => {
  const output = `{"type":"json","content":${"[".repeat(600)}${"]".repeat(600)}}`;
  const data = `{"type":"task_run.state","event_id":"1","run":${
    JSON.stringify(RUN)
  },"output":${output}}`;
  const event = readGroupEvent({ event: "task_run.state", data });
  assert(event.kind === "run" && event.run.run_id === "trun_1");
  assertStrictEquals(event.outputText, output);
});
