import { encodeSSEBytes, type SSEOutput } from "../../sse/mod.ts";
import type { Wait } from "../wait.ts";
import { anthropic } from "./anthropic.ts";
import * as cohere from "./cohere.ts";
import { google } from "./google.ts";
import { chat, parallel, responses } from "./openai.ts";
import { script } from "./script.ts";
import type { Exchange, Wire } from "./wire.ts";

const WIRES: ReadonlyMap<string, Wire> = new Map([
  ["openai", chat],
  ["openai-responses", responses],
  ["anthropic", anthropic],
  ["google", google],
  ["cohere", cohere.v2],
  ["cohere-v1", cohere.v1],
  ["parallel", parallel],
]);

/** Until the first piece, and between two. Milliseconds. */
const FIRST_MS = 250;
const EACH_MS = 25;

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [400, "This is no request in this API's format."],
  [401, "Incorrect API key provided."],
  [404, "There is nothing here."],
  [429, "Rate limit reached for requests."],
]);

/** A server that speaks one provider's format, shaped like `fetch`. It answers to itself alone. */
export function sandbox(api: string, wait: Wait): (request: Request) => Promise<Response> {
  const wire = WIRES.get(api);
  if (!wire) throw new TypeError(`the sandbox speaks no ${api}`);

  return async (request) => {
    const { pathname } = new URL(request.url);
    const body: unknown = await request.json();
    const turns = wire.turns(body);
    const { text, fault } = script(turns);
    const refused = !wire.path.test(pathname)
      ? 404
      : turns.length === 0
      ? 400
      : typeof fault === "number"
      ? fault
      : undefined;
    if (refused !== undefined) {
      return Response.json(wire.refusal(refused, MESSAGES.get(refused) ?? "Refused."), {
        status: refused,
        headers: refused === 429 ? { "retry-after": "20" } : {},
      });
    }
    const exchange: Exchange = {
      model: modelIn(pathname, body),
      inputTokens: tokensIn(turns.join(" ")),
      outputTokens: tokensIn(text),
      text,
    };
    return new Response(stream(wire, exchange, fault, wait, request.signal), {
      headers: { "content-type": "text/event-stream; charset=utf-8" },
    });
  };
}

function stream(
  wire: Wire,
  exchange: Exchange,
  fault: number | "error" | "cut" | undefined,
  wait: Wait,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const pieces = exchange.text.match(/\s*\S+/g) ?? [];
  // What goes wrong does so in the middle.
  const shown = fault === undefined ? pieces : pieces.slice(0, Math.ceil(pieces.length / 2));

  async function* events(): AsyncGenerator<SSEOutput> {
    yield* wire.begin(exchange);
    for (const [at, piece] of shown.entries()) {
      await wait(at === 0 ? FIRST_MS : EACH_MS, signal);
      yield* wire.piece(piece, exchange);
    }
    if (fault === "cut") throw new TypeError("connection reset");
    yield* fault === "error" ? wire.failure() : wire.end(exchange);
  }

  const all = events();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await all.next();
      if (done) controller.close();
      else controller.enqueue(encodeSSEBytes(value));
    },
    async cancel() {
      await all.return(undefined);
    },
  }, { highWaterMark: 0 });
}

const tokensIn = (text: string) => Math.ceil(text.length / 4);

function modelIn(pathname: string, body: unknown): string {
  const inPath = /\/models\/([^:]+):/.exec(pathname)?.[1];
  const inBody: unknown = typeof body === "object" && body !== null && "model" in body
    ? body.model
    : undefined;
  return inPath ?? (typeof inBody === "string" ? inBody : "sandbox");
}
