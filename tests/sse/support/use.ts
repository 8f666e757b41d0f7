/** Ways to use the library, for the type checker only: nothing here runs. */
import {
  collect,
  connectSSE,
  type ConnectState,
  openai,
  parseSSE,
  type Provider,
  ReplayFold,
  SSEError,
  SSEParserStream,
  streamJSON,
  streamTokens,
} from "../../../lib/sse/mod.ts";

declare const response: Response;
declare const signal: AbortSignal | null | undefined;
declare const provider: Provider | undefined;

export async function use(): Promise<void> {
  for await (const { data } of parseSSE(response, { signal })) data satisfies string;
  for await (const { retry } of parseSSE(response.body!)) retry satisfies number | undefined;
  for await (const { n } of streamJSON<{ n: number }>(response, { signal })) n satisfies number;
  for await (const payload of streamJSON(response)) payload satisfies unknown;
  for await (const token of streamTokens(response, openai, { signal })) token satisfies string;
  for await (const token of streamTokens(response, { provider, signal })) token satisfies string;

  const { toolCalls, reasoning, cost } = await collect(response, {
    provider,
    signal,
    price: undefined,
    onUpdate: undefined,
    maxEventBytes: undefined,
  });
  toolCalls?.[0]?.name satisfies string | undefined;
  reasoning satisfies string | undefined;
  cost satisfies number | undefined;
  await collect(response, openai);
  await collect(response, openai, { started: 0 });
  await collect(parseSSE(response), { signal: null });
  await collect(response.body!.pipeThrough(new SSEParserStream()));
  await collect({ body: null });

  connectSSE("https://example.com", {
    signal,
    method: "POST",
    headers: { a: "b" },
    body: "{}",
    fetch,
    repeat: undefined,
    lastEventId: undefined,
    lastEventIdParam: "after",
    isTerminal: undefined,
    isRetryable: ({ status }, body) => status > 500 && !body.includes("quota"),
    reconnect: { maxAttempts: undefined, maxAskedMs: 1000 },
    onState: (state: ConnectState) => {
      if (state.state === "waiting") state.askedMs satisfies number | undefined;
      if (state.state === "closed") state.reason satisfies string;
    },
  });
  connectSSE(new URL("https://example.com"), { fetch: (url, init) => fetch(url, init) });

  new ReplayFold().isNew("key") satisfies boolean;
  const error = new SSEError("http", "no", { status: 404, cause: undefined });
  error.headers?.get("retry-after") satisfies string | null | undefined;
  error.body satisfies string | undefined;

  // @ts-expect-error a string is no stream
  parseSSE("data: 1\n\n");
  // @ts-expect-error a fetch is to be awaited
  parseSSE(fetch("https://example.com"));
  // @ts-expect-error chunks come one after the other
  parseSSE(["data: 1\n\n"]);
}
