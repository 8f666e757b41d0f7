/** A Task API that responds with an attacker's markup in every field. */
import type { Payload } from "./xss_payloads.ts";

type Json = Record<string, unknown>;

/** How a hostile run ends. */
export type Ending = "text" | "json" | "failed" | "live";

/** Serves hostile runs; each is told what to say when it is created. */
export class HostileApi {
  readonly #runs = new Map<string, { payloads: readonly Payload[]; ending: Ending; input: Json }>();
  #next: { payloads: readonly Payload[]; ending: Ending } | null = null;
  readonly #released = new Map<string, PromiseWithResolvers<void>>();

  /** What the run of the next create says. */
  prepare(payloads: readonly Payload[], ending: Ending): void {
    this.#next = { payloads, ending };
  }

  /** Lets a live run say the rest. */
  release(runId: string): void {
    this.#gate(runId).resolve();
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return this.#create(await request.json());
    const [, id = "", part = ""] = /\/runs\/([\w-]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    const run = this.#runs.get(id);
    if (run === undefined) return Response.json(errorOf("Run id not found"), { status: 404 });
    if (part === "events") return this.#events(id, request.signal);
    if (part === "input") return Response.json(run.input);
    if (part === "result") return Response.json({ run: this.#run(id), output: outputOf(run) });
    return Response.json(this.#run(id));
  };

  #create(input: Json): Response {
    if (this.#next === null) {
      return Response.json(errorOf(String(input.input)), { status: 422 });
    }
    const id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
    this.#runs.set(id, { ...this.#next, input });
    this.#next = null;
    return Response.json(this.#run(id, "queued"), { status: 202 });
  }

  #run(id: string, status?: string): Json {
    const { payloads = [], ending = "text" } = this.#runs.get(id) ?? {};
    const final = ending === "failed" ? "failed" : "completed";
    const all = payloads.map(({ text }) => text).join("\n");
    return {
      run_id: id,
      interaction_id: payloads[0]?.text ?? id,
      taskgroup_id: payloads[0]?.text ?? null,
      status: status ?? final,
      is_active: status !== undefined,
      processor: payloads[0]?.text ?? "core",
      metadata: Object.fromEntries(
        payloads.map(({ text }, n) => [`${n}${text}`.slice(0, 16), text]),
      ),
      created_at: "2026-01-01T00:00:00.000000Z",
      modified_at: "2026-01-01T00:00:00.000000Z",
      warnings: payloads.map(({ text }) => ({
        type: text,
        message: text,
        detail: { [text]: text },
      })),
      error: status === undefined && ending === "failed"
        ? { ref_id: all, message: all, detail: { errors: [{ loc: [all], msg: all }] } }
        : null,
    };
  }

  #events(id: string, signal: AbortSignal): Response {
    const { payloads = [], ending = "text" } = this.#runs.get(id) ?? {};
    const encoder = new TextEncoder();
    const send = (events: readonly Json[]) =>
      encoder.encode(events.map((event) => frame(event)).join(""));
    const first = { type: "task_run.state", event_id: null, run: this.#run(id, "running") };
    const last = { type: "task_run.state", event_id: null, run: this.#run(id), output: null };
    const said = payloads.flatMap(({ text }) => messagesOf(text));
    const gate = ending === "live" ? this.#gate(id).promise : Promise.resolve();
    const gone = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(send([first]));
        await Promise.race([gate, gone]);
        if (signal.aborted) return;
        controller.enqueue(send([...said, last]));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #gate(runId: string): PromiseWithResolvers<void> {
    const known = this.#released.get(runId);
    if (known !== undefined) return known;
    const gate = Promise.withResolvers<void>();
    this.#released.set(runId, gate);
    return gate;
  }
}

function frame(event: Json): string {
  // The name of an unknown event is the other side's text too, on one line.
  const name = String(event.type).replace(/[\r\n]/g, " ");
  return `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`;
}

function messagesOf(text: string): Json[] {
  const timestamp = "2026-01-01T00:00:01Z";
  const message = (type: string, message: string) => ({
    type: `task_run.progress_msg.${type}`,
    message,
    timestamp,
  });
  return [
    ...["plan", "result", "tool_call", "exec_status", "reasoning", "analysis", "step"].map((type) =>
      message(type, text)
    ),
    message("search", `Objective: ${text}`),
    message("search", `Query: ${text}`),
    message("extract", `Extract: ${text}`),
    message(text, text),
    { type: text, message: text, [text]: text },
    {
      type: "task_run.progress_stats",
      source_stats: {
        num_sources_considered: text,
        num_sources_read: 1,
        sources_read_sample: [text, `https://evil.example/${text}`, `https://${text}`],
      },
      progress_meter: text,
    },
    { type: "error", error: { ref_id: text, message: text, detail: { [text]: text } } },
  ];
}

function citationsOf(payloads: readonly Payload[]): Json[] {
  return payloads.flatMap(({ text }) => [
    { url: text, title: text, excerpts: [text, text] },
    { url: `https://evil.example/?q=${text}`, title: text, excerpts: [text] },
  ]);
}

function outputOf({ payloads, ending }: { payloads: readonly Payload[]; ending: Ending }): Json {
  const citations = citationsOf(payloads);
  const mcp_tool_calls = payloads.map(({ text }) => ({
    tool_call_id: text,
    server_name: text,
    tool_name: text,
    arguments: JSON.stringify({ [text]: text }),
    content: text,
    error: text,
  }));
  if (ending === "json") {
    const fields = Object.fromEntries(payloads.map(({ text }) => [text, text]));
    return {
      type: "json",
      content: { ...fields, nested: fields, list: payloads.map(({ text }) => ({ [text]: text })) },
      basis: [...payloads.map(({ text }) => text), "nested", "list.0"].map((field) => ({
        field,
        reasoning: payloads.map(({ text }) => text).join(" "),
        confidence: payloads[0]?.text ?? "high",
        citations,
      })),
      output_schema: { type: "object", properties: fields, title: payloads[0]?.text },
      mcp_tool_calls,
      beta_fields: fields,
    };
  }
  return {
    type: "text",
    content: payloads.map(({ text }) => text).join("\n\n"),
    basis: [{ field: "output", reasoning: payloads[0]?.text ?? "", confidence: "low", citations }],
    mcp_tool_calls,
  };
}

function errorOf(message: string): Json {
  return {
    type: "error",
    error: {
      ref_id: message,
      message,
      detail: { errors: [{ loc: ["body", message], msg: message }] },
    },
  };
}
