/** Agents for tests: the official SDK's clients of both lines, against an app in this process or on a port. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ORIGIN, type TestApp } from "../app/test_app.ts";

/** A tool's answer, as far as tests look at it. */
export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Record<string, unknown>;
}

/** A notification of progress. */
export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** The part of a client that tests use, the same for both lines. */
export interface TestAgent {
  readonly protocol: string | undefined;
  call(
    name: string,
    args: Record<string, unknown>,
    onprogress?: (progress: Progress) => void,
  ): Promise<Answer>;
  toolNames(cursor?: string): Promise<string[]>;
  resources(): Promise<{ uri: string; title?: string | undefined }[]>;
  read(uri: string): Promise<string>;
  prompt(name: string, args: Record<string, string>): Promise<string>;
  /** What an argument of a prompt, or the variable of a resource's template, can become. */
  complete(
    of: { prompt: string } | { uri: string },
    name: string,
    begun: string,
  ): Promise<string[]>;
  close(): Promise<void>;
}

/** How an agent connects. */
export interface Connection {
  readonly headers?: Record<string, string>;
  readonly url?: string;
  readonly fetch?: typeof fetch;
  /** Longest that one call may take (ms): many clients allow no more. */
  readonly timeoutMs?: number;
}

/** `fetch` of an app in this process. */
export function fetchOf(app: TestApp): typeof fetch {
  return (input, init) => app.handle(new Request(input, init));
}

type Connect = (connection: Connection) => Promise<TestAgent>;

const INFO = { name: "test-agent", version: "1.0.0" };

/** A client of the SDK's 2.x line that speaks the current protocol. */
const connect2: Connect = (connection) => connectNew(connection, "auto");

/** The same client speaking the protocol before that. */
const connect2Legacy: Connect = (connection) => connectNew(connection, "legacy");

async function connectNew(
  { headers = {}, url = `${ORIGIN}/mcp`, fetch, timeoutMs: timeout = 60_000 }: Connection,
  mode: "auto" | "legacy",
): Promise<TestAgent> {
  const client = new Client(INFO, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { fetch, requestInit: { headers } }),
  );
  return {
    protocol: client.getNegotiatedProtocolVersion(),
    async call(name, args, onprogress) {
      return answerOf(await client.callTool({ name, arguments: args }, { timeout, onprogress }));
    },
    toolNames: async (cursor) =>
      (await client.listTools(cursor === undefined ? undefined : { cursor })).tools
        .map(({ name }) => name),
    resources: async () => (await client.listResources()).resources,
    read: async (uri) => textsOf((await client.readResource({ uri })).contents),
    prompt: async (name, args) =>
      textsOf(
        (await client.getPrompt({ name, arguments: args })).messages.map(({ content }) => content),
      ),
    complete: async (of, name, value) =>
      (await client.complete({ ref: refOf(of), argument: { name, value } })).completion.values,
    close: () => client.close(),
  };
}

/** A client of the SDK's 1.x line. */
const connect1: Connect = async (
  { headers = {}, url = `${ORIGIN}/mcp`, fetch, timeoutMs: timeout = 60_000 },
) => {
  const client = new Client1(INFO);
  const transport = new Transport1(new URL(url), { fetch, requestInit: { headers } });
  await client.connect(transport);
  return {
    protocol: transport.protocolVersion,
    async call(name, args, onprogress) {
      const call = { name, arguments: args };
      return answerOf(await client.callTool(call, undefined, { timeout, onprogress }));
    },
    toolNames: async (cursor) =>
      (await client.listTools(cursor === undefined ? undefined : { cursor })).tools.map((
        tool: { name: string },
      ) => tool.name),
    resources: async () => (await client.listResources()).resources,
    read: async (uri) => textsOf((await client.readResource({ uri })).contents),
    prompt: async (name, args) =>
      textsOf(
        (await client.getPrompt({ name, arguments: args })).messages.map((
          message: { content: object },
        ) => message.content),
      ),
    complete: async (of, name, value) =>
      (await client.complete({ ref: refOf(of), argument: { name, value } })).completion.values,
    close: () => client.close(),
  };
};

function refOf(of: { prompt: string } | { uri: string }) {
  return "prompt" in of
    ? { type: "ref/prompt" as const, name: of.prompt }
    : { type: "ref/resource" as const, uri: of.uri };
}

/** Every client that the server is tested with. */
export const CLIENTS: readonly { readonly name: string; readonly connect: Connect }[] = [
  { name: "SDK 2.x, 2026-07-28", connect: connect2 },
  { name: "SDK 2.x, 2025-11-25", connect: connect2Legacy },
  { name: "SDK 1.x", connect: connect1 },
];

/** An agent of an app in this process; the newest client. */
export function agentOf(app: TestApp, key = "sandbox-agent"): Promise<TestAgent> {
  return connect2({ fetch: fetchOf(app), headers: { authorization: `Bearer ${key}` } });
}

/** One message, sent by hand. */
export function post(
  app: TestApp,
  body: BodyInit,
  headers: HeadersInit = { "x-api-key": "sandbox-agent" },
): Promise<Response> {
  return app.handle(
    new Request(`${ORIGIN}/mcp`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...Object.fromEntries(new Headers(headers)),
      },
    }),
  );
}

/** A message that lists the tools, in the protocol that has a handshake. */
export const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });

function answerOf(result: object): Answer {
  const { isError, content, structuredContent } = result as {
    isError?: boolean;
    content?: object[];
    structuredContent?: Record<string, unknown>;
  };
  return {
    isError: isError === true,
    text: textsOf(content ?? []),
    data: structuredContent ?? {},
  };
}

function textsOf(items: readonly object[]): string {
  return items.map((item) => "text" in item ? String(item.text) : "").join("\n");
}
