/**
 * A task-streaming playground: a form creates a run of Parallel's Task API, a page watches it.
 *
 *     PARALLEL_API_KEY=… deno run -A examples/playground.ts
 */
import { connectSSE, encodeSSEBytes, ReplayFold } from "../lib/sse/mod.ts";

/** Where the Task API is, and the key that stays on this server. */
export type Api = Readonly<{ base: string; key: string }>;

/** Creates a run. A run is billed, so this request is never sent again. */
async function createRun({ base, key }: Api, input: string): Promise<string> {
  // On a connection that was used before, Deno may send it twice.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const response = await fetch(`${base}/v1/tasks/runs`, {
    client,
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ input, processor: "base", enable_events: true }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()).run_id;
}

/** The run's events after one that the page has, each one once. The API sends no ids and replays. */
async function* runEvents({ base, key }: Api, runId: string, after: number, signal: AbortSignal) {
  const fold = new ReplayFold();
  let isNew = false;
  const events = connectSSE(`${base}/v1beta/tasks/runs/${runId}/events`, {
    headers: { "x-api-key": key },
    signal,
    repeat: true,
    onState: ({ state }) => void (state === "open" && fold.connected()),
    // A state carries the time of the connection, so only its status says whether it is new.
    isProgress: ({ event, data }) =>
      isNew = fold.isNew(event === "task_run.state" ? JSON.parse(data).run.status : data),
    isTerminal: ({ event, data }) =>
      event === "task_run.state" && /"status": ?"(completed|failed|cancelled)"/.test(data),
  });
  for await (const { event, data } of events) {
    if (!isNew || fold.size <= after) continue;
    yield encodeSSEBytes({ id: String(fold.size), data: JSON.stringify({ event, data }) });
  }
  yield encodeSSEBytes({ event: "over", data: "" });
}

const page = (body: string) =>
  new Response(`<!doctype html><title>Playground</title>${body}`, {
    headers: { "content-type": "text/html" },
  });

/** The whole app: `/` has the form, `/run/<id>` the page, `/events/<id>` its stream. */
export async function playground(request: Request, api: Api): Promise<Response> {
  const { pathname, origin } = new URL(request.url);
  const [, route, id = ""] = /^\/(run|events)\/([\w-]+)$/.exec(pathname) ?? [];
  if (request.method === "POST") {
    const input = String((await request.formData()).get("input"));
    return Response.redirect(`${origin}/run/${await createRun(api, input)}`, 303);
  }
  if (route === undefined) return page("<form method=post><input name=input autofocus></form>");
  if (route === "events") {
    const after = Number(request.headers.get("last-event-id"));
    const events = runEvents(api, id, after, request.signal);
    return new Response(ReadableStream.from(events), {
      headers: { "content-type": "text/event-stream" },
    });
  }
  return page(`<ol id=feed></ol><script type=module>
    const source = new EventSource("/events/${id}");
    source.onmessage = ({ data }) => feed.append(
      Object.assign(document.createElement("li"), { textContent: Object.values(JSON.parse(data)).join(" ") }));
    source.addEventListener("over", () => source.close());
  </script>`);
}

if (import.meta.main) {
  const key = Deno.env.get("PARALLEL_API_KEY") ?? "";
  Deno.serve((request) => playground(request, { base: "https://api.parallel.ai", key }));
}
