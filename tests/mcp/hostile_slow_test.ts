/**
 * Whatever a client sends, the answer says what is wrong with it. No message of the right or a wrong shape is
 * an internal error.
 */
import { assert, assertEquals } from "@std/assert";
import {
  CLIENT_CAPABILITIES_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { isObject } from "../../lib/base/mod.ts";
import { type TestApp, withApp } from "../app/test_app.ts";
import { agentOf, post } from "./agents.ts";

const KEY = "sandbox-agent";
const VERSION = "2026-07-28";

/** Good parameters of each method, and methods that this server does not have. */
const METHODS: readonly (readonly [method: string, good: Record<string, unknown>])[] = [
  ["completion/complete", {
    ref: { type: "ref/prompt", name: "research" },
    argument: { name: "processor", value: "p" },
    context: { arguments: { question: "Why?" } },
  }],
  ["completion/complete", {
    ref: { type: "ref/resource", uri: "task://{run_id}" },
    argument: { name: "run_id", value: "trun_" },
  }],
  ["initialize", {
    protocolVersion: "2025-11-25",
    capabilities: { roots: { listChanged: true } },
    clientInfo: { name: "test", version: "1" },
  }],
  ["logging/setLevel", { level: "info" }],
  ["ping", {}],
  ["prompts/get", { name: "research", arguments: { question: "Why?", processor: "pro" } }],
  ["prompts/list", { cursor: "one" }],
  ["resources/list", {}],
  ["resources/read", { uri: "task://trun_a" }],
  ["resources/subscribe", { uri: "task://trun_a" }],
  ["resources/templates/list", {}],
  ["server/discover", {}],
  ["subscriptions/listen", { notifications: { toolsListChanged: true } }],
  ["tasks/get", { taskId: "one" }],
  ["tools/call", { name: "search_tasks", arguments: { query: "" } }],
  ["tools/list", {}],
  ["no/such/method", {}],
  ["constructor", {}],
];

/** Good arguments of each tool. Nothing is created: the price is always too high. */
const TOOLS = (id: string): Readonly<Record<string, Record<string, unknown>>> => ({
  create_task: {
    input: { company: "Halden Robotics" },
    processor: "lite",
    output_schema: { type: "object", properties: { ceo: { type: "string" } } },
    source_policy: { include_domains: ["example.com"], after_date: "2026-01-01" },
    max_cost_usd: 0,
  },
  create_batch: {
    rows: [{ company: "Halden Robotics" }, "Who leads it?"],
    instructions: "Who leads {{company}}?",
    processor: "lite",
    output_schema: "A sentence",
    max_cost_usd: 0,
  },
  get_status: { id, wait_s: 0 },
  get_result: { id, page: 1, format: "json" },
  get_trace: { id, types: ["search"], after: 1 },
  search_tasks: { query: "halden", status: "completed", limit: 5, cursor: "" },
  rerun_task: { id: "trun_nowhere", processor: "lite" },
});

/** What takes the place of each value in turn. `undefined` leaves it out. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1.5,
  1e308,
  "",
  "constructor",
  "__proto__",
  "\ud800\0\n",
  [],
  [null],
  {},
  { __proto__: null, constructor: { name: "x" } },
];

/** The value with each part of it, itself included, replaced by each wrong one. */
function* mutations(value: unknown): Generator<unknown> {
  yield* WRONG;
  if (Array.isArray(value)) {
    for (const [at, each] of value.entries()) {
      for (const changed of mutations(each)) yield value.with(at, changed);
    }
  } else if (isObject(value)) {
    for (const [name, each] of Object.entries(value)) {
      for (const changed of mutations(each)) yield { ...value, [name]: changed };
    }
  }
}

/** A request of the protocol that has a handshake, or of the current one. */
type Era = "with a handshake" | "current";

function send(app: TestApp, era: Era, message: object): Promise<Response> {
  if (era === "with a handshake") return post(app, JSON.stringify(message), { "x-api-key": KEY });
  const { method, params } = message as { method: string; params?: unknown };
  const envelope = { [PROTOCOL_VERSION_META_KEY]: VERSION, [CLIENT_CAPABILITIES_META_KEY]: {} };
  const sent = isObject(params)
    ? { ...params, _meta: { ...isObject(params._meta) ? params._meta : {}, ...envelope } }
    : params;
  const name = isObject(params) ? params.name ?? params.uri : undefined;
  const isHeader = typeof name === "string" && /^[\x21-\x7e]+$/.test(name);
  return post(app, JSON.stringify({ ...message, params: sent }), {
    "x-api-key": KEY,
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
    ...isHeader ? { "mcp-name": name } : {},
  });
}

/** The JSON-RPC message of a response: JSON, or the last event of a stream. */
async function messageIn(response: Response): Promise<Record<string, unknown> | null> {
  const text = await response.text();
  if (text === "") return null;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const data = isStream ? text.trimEnd().split("\ndata: ").at(-1)! : text;
  return JSON.parse(data);
}

/** What is wrong with an answer; empty if nothing is. */
async function faultOf(response: Response, id: unknown): Promise<string> {
  const message = await messageIn(response);
  if (response.status >= 500) return `status ${response.status}`;
  if (message === null) return response.status === 202 ? "" : `status ${response.status}, empty`;
  const { error, result } = message;
  if (isObject(result)) {
    return JSON.stringify(result).includes("Internal error") ? JSON.stringify(result) : "";
  }
  if (!isObject(error)) return "neither a result nor an error";
  if (error.code === ProtocolErrorCode.InternalError) return `${error.message}`;
  if (message.id !== id && message.id !== null) return `answers ${message.id}`;
  return "";
}

for (const era of ["with a handshake", "current"] as const) {
  Deno.test(`wrong parameters of any method are never an internal error: protocol ${era}`, () =>
    withApp(async (app) => {
      const wrong: string[] = [];
      for (const [method, good] of METHODS) {
        for (const params of mutations({ ...good, _meta: { progressToken: 1 } })) {
          const fault = await faultOf(
            await send(app, era, { jsonrpc: "2.0", id: 7, method, params }),
            7,
          );
          if (fault !== "") wrong.push(`${method} ${JSON.stringify(params)}: ${fault}`);
        }
      }
      assertEquals(wrong, []);
    }));
}

Deno.test("wrong arguments of any tool are an error that says so, and never an internal one", () =>
  withApp(async (app) => {
    const agent = await agentOf(app, KEY);
    const { data } = await agent.call("create_task", { input: "Why?", processor: "lite" });
    const id = String(data.id);
    for (let isOver = false; !isOver;) {
      isOver = (await agent.call("get_status", { id })).data.is_over === true;
    }
    const tools = TOOLS(id);
    assertEquals((await agent.toolNames()).toSorted(), Object.keys(tools).toSorted());
    await agent.close();
    const wrong: string[] = [];
    for (const [name, good] of Object.entries(tools)) {
      for (const args of mutations(good)) {
        const params = { name, arguments: args };
        const message = { jsonrpc: "2.0", id: "one", method: "tools/call", params };
        const fault = await faultOf(await send(app, "with a handshake", message), "one");
        if (fault !== "") wrong.push(`${name} ${JSON.stringify(args)}: ${fault}`);
      }
    }
    assertEquals(wrong, []);
  }));

/** Messages that are no JSON-RPC, or not quite. */
const SHAPES: readonly string[] = [
  "null",
  "true",
  "5",
  '"tools/list"',
  "{}",
  "[]",
  "[[]]",
  '{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
  '{"jsonrpc":2,"id":1,"method":"tools/list"}',
  '{"id":1,"method":"tools/list"}',
  ...[
    "null",
    "true",
    "1.5",
    "{}",
    "[]",
    "1e400",
    "-0",
    `1${"0".repeat(400)}`,
    "12345678901234567890",
  ]
    .flatMap((id) => [
      `{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`,
      `{"jsonrpc":"2.0","id":${id},"method":"tools/list","params":{"cursor":"x"}}`,
      `{"jsonrpc":"2.0","id":${id},"method":"resources/read","params":{}}`,
    ]),
  `{"jsonrpc":"2.0","id":"${"x".repeat(100_000)}","method":"tools/list"}`,
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","id":1,"method":5}',
  '{"jsonrpc":"2.0","id":1,"method":""}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/list","result":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/list","error":{"code":1,"message":"x"}}',
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"x"}}',
  '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"search_tasks"}}',
  '{"jsonrpc":"2.0","id":1,"method":"notifications/initialized"}',
  '{"jsonrpc":"2.0","id":1,"method":"notifications/cancelled","params":{"requestId":1}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}',
  '{"jsonrpc":"2.0","method":"notifications/progress","params":[]}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"x"}',
  `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"task://${
    "x".repeat(1_000_100)
  }"}}`,
  '{"jsonrpc":"2.0","id":1,"method":"__proto__","__proto__":{"id":2}}',
];

Deno.test("a message of a wrong shape is an invalid request", () =>
  withApp(async (app) => {
    const wrong: string[] = [];
    for (const shape of SHAPES) {
      const response = await post(app, shape, { "x-api-key": KEY });
      const message = await messageIn(response.clone());
      const id = isObject(message) ? message.id : null;
      const fault = await faultOf(response, id);
      if (fault !== "") wrong.push(`${shape.slice(0, 120)}: ${fault}`);
    }
    assertEquals(wrong, []);
  }));

/** Protocol versions in the header and the envelope; whether they are served. */
const VERSIONS: readonly (readonly [header: string | null, claim: unknown, isServed: boolean])[] = [
  [null, undefined, true],
  ["2025-11-25", undefined, true],
  ["2025-06-18", undefined, true],
  ["1999-01-01", undefined, false],
  ["x", undefined, false],
  [VERSION, undefined, false],
  [VERSION, VERSION, true],
  [VERSION, "1999-01-01", false],
  [VERSION, 5, false],
  [VERSION, null, false],
  ["2025-11-25", VERSION, false],
  [null, VERSION, false],
  ["2099-01-01", "2099-01-01", false],
];

Deno.test("a protocol version that is not served is refused by name", () =>
  withApp(async (app) => {
    for (const [header, claim, isServed] of VERSIONS) {
      const _meta = { [PROTOCOL_VERSION_META_KEY]: claim, [CLIENT_CAPABILITIES_META_KEY]: {} };
      const params = claim === undefined ? {} : { _meta };
      const message = { jsonrpc: "2.0", id: 1, method: "tools/list", params };
      const response = await post(app, JSON.stringify(message), {
        "x-api-key": KEY,
        "mcp-method": "tools/list",
        ...header === null ? {} : { "mcp-protocol-version": header },
      });
      const answer = await messageIn(response.clone());
      const what = `${header} and ${claim}: ${response.status} ${JSON.stringify(answer?.error)}`;
      assertEquals(await faultOf(response, 1), "", what);
      assert(isServed === isObject(answer?.result), what);
      if (!isServed) assertEquals(response.status, 400, what);
    }
  }));
