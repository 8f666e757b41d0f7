/** A Task API that responds with an attacker's markup in every field. */
import { HostileGroups } from "./hostile_groups.ts";
import {
  type Ending,
  errorOf,
  frame,
  type Json,
  messagesOf,
  outputOf,
  runOf,
  type Saying,
} from "./hostile_words.ts";
import type { Payload } from "./xss_payloads.ts";

const NOTHING: Saying = { payloads: [], ending: "text" };

/** Serves hostile runs; each is told what to say when it is created. */
export class HostileApi {
  readonly #runs = new Map<string, Saying & { readonly input: Json }>();
  #next: Saying | null = null;
  readonly groups = new HostileGroups();
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
    const ofGroups = await this.groups.answer(request);
    if (ofGroups !== null) return ofGroups;
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return this.#create(await request.json());
    const [, id = "", part = ""] = /\/runs\/([\w-]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    const run = this.#runs.get(id);
    if (run === undefined) return Response.json(errorOf("Run id not found"), { status: 404 });
    if (part === "events") return this.#events(id, request.signal);
    if (part === "input") return Response.json(run.input);
    if (part === "result") return Response.json({ run: runOf(id, run), output: outputOf(run) });
    return Response.json(runOf(id, run));
  };

  #create(input: Json): Response {
    if (this.#next === null) {
      const { input: asked } = input;
      const message = typeof asked === "string" ? asked : JSON.stringify(asked);
      return Response.json(errorOf(message), { status: 422 });
    }
    const id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
    const run = { ...this.#next, input };
    this.#runs.set(id, run);
    this.#next = null;
    return Response.json(runOf(id, run, "queued"), { status: 202 });
  }

  #events(id: string, signal: AbortSignal): Response {
    const run = this.#runs.get(id) ?? NOTHING;
    const { payloads, ending } = run;
    const encoder = new TextEncoder();
    const send = (events: readonly Json[]) =>
      encoder.encode(events.map((event) => frame(event)).join(""));
    const first = { type: "task_run.state", event_id: null, run: runOf(id, run, "running") };
    const last = { type: "task_run.state", event_id: null, run: runOf(id, run), output: null };
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
