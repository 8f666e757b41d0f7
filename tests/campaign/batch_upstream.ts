/** A Task API for batches that fails in many ways. It counts all of its runs. */
import { encodeSSE } from "../../lib/sse/mod.ts";
import { runJson } from "../proxy/proxy_app.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** What may happen to a request that adds runs. */
const ADD_FAULTS = [
  "lost before it took effect",
  "lost after it took effect",
  "took effect late",
  "429",
  "402",
  "500 before it took effect",
  "502 after it took effect",
  "an answer that is not JSON",
  "never connected",
] as const;
/** What may happen to a listing. */
const LIST_FAULTS = ["listing refused", "listing cut"] as const;

/** The share of runs that fail, if any may fail. */
const FAILING = 0.25;

/** One run of a request. */
interface RunInput {
  readonly processor: string;
  readonly input: { readonly company: string };
  readonly metadata: { readonly row: string; readonly attempt: number };
}

/** A request that adds runs. */
interface AddRequest {
  readonly inputs: readonly RunInput[];
  readonly default_task_spec?: unknown;
}

/** A run, what it was asked, and how it will end. */
export interface UpstreamRun {
  readonly run: Record<string, unknown>;
  readonly input: RunInput;
  /** The task that its request gave for all of its rows. */
  readonly spec: unknown;
  readonly sinceMs: number;
  readonly endsAs: "completed" | "failed";
}

/** The API of one world. */
export class BatchUpstream {
  readonly groups = new Map<string, UpstreamRun[]>();
  /** The count of each fault. */
  readonly faults = new Map<string, number>();
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #ends: Random | null;
  #left: number;

  /** `ends` decides which runs fail; `null`: none. */
  constructor(random: Random, time: VirtualTime, mostFaults: number, ends: Random | null) {
    this.#random = random;
    this.#time = time;
    this.#left = mostFaults;
    this.#ends = ends;
  }

  /** The `fetch` of one process. A dead process gets no more responses. */
  fetchFor(isDead: () => boolean): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      const body = request.method === "POST" ? await request.text() : "";
      await this.#delay(0, 400);
      const { pathname, searchParams } = new URL(request.url);
      const after = Number(searchParams.get("last_event_id") ?? 0);
      const answer = this.#answer(request.method, { path: pathname, after, body });
      await this.#delay(0, 800);
      if (isDead()) return await new Promise<never>(() => {});
      request.signal.throwIfAborted();
      return answer();
    };
  }

  #delay(least: number, most: number): Promise<void> {
    return new Promise((resolve) =>
      void this.#time.setTimeout(resolve, this.#random.between(least, most))
    );
  }

  #strike<Fault extends string>(faults: readonly Fault[], chance: number): Fault | null {
    if (this.#left === 0 || !this.#random.chance(chance)) return null;
    this.#left--;
    const fault = this.#random.pick(faults);
    this.count(fault);
    return fault;
  }

  /** A run by its id. */
  runOf(runId: string): UpstreamRun {
    const found = [...this.groups.values()].flat().find(({ run }) => run.run_id === runId);
    if (found === undefined) throw new Error(`No run ${runId}`);
    return found;
  }

  count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  /** A group that a program creates elsewhere. */
  createElsewhere(): string {
    const id = `tgrp_${this.groups.size + 1}`;
    this.groups.set(id, []);
    return id;
  }

  /** Runs that a program adds elsewhere. */
  addElsewhere(groupId: string, companies: readonly string[]): void {
    const inputs = companies.map((company) => ({
      processor: "lite",
      input: { company },
      // Some programs number their rows as we do.
      metadata: { row: "r1", attempt: 1 },
    }));
    this.#apply(groupId, { inputs });
  }

  #answer(
    method: string,
    { path, after, body }: { readonly path: string; readonly after: number; readonly body: string },
  ): () => Response {
    const [, groupId, part] = /\/groups(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(path) ?? [];
    if (groupId === undefined) {
      const id = `tgrp_${this.groups.size + 1}`;
      this.groups.set(id, []);
      const isLost = this.#strike(["group's creation lost"], 0.1) !== null;
      return () => isLost ? broken() : Response.json(this.#group(id));
    }
    if (method === "POST") return this.#add(groupId, JSON.parse(body));
    const fault = part === undefined
      ? this.#strike(["group refused"], 0.05)
      : this.#strike(LIST_FAULTS, 0.15);
    if (fault === "listing refused" || fault === "group refused") return () => refusal(503);
    if (part === undefined) return () => Response.json(this.#group(groupId));
    const frames = this.#rows(groupId).slice(after).map(({ run, input }, at) =>
      encodeSSE({
        event: "task_run.state",
        data: JSON.stringify({
          type: "task_run.state",
          event_id: `${after + at + 1}`,
          run,
          input,
          output: null,
        }),
      })
    );
    const text = frames.join("");
    const bytes = new TextEncoder().encode(text);
    if (fault === null) return () => stream(bytes);
    const cut = this.#random.between(0, bytes.byteLength);
    return () =>
      stream(
        new ReadableStream<Uint8Array<ArrayBuffer>>({
          start(controller) {
            controller.enqueue(bytes.slice(0, cut));
            controller.error(new TypeError("connection reset"));
          },
        }),
      );
  }

  #add(groupId: string, request: AddRequest): () => Response {
    const fault = this.#strike(ADD_FAULTS, 0.45);
    switch (fault) {
      case "lost before it took effect":
        return broken;
      case "429":
      case "402":
        return () => refusal(Number(fault));
      case "500 before it took effect":
        return () => refusal(500);
      case "never connected":
        return () => {
          throw new TypeError("tcp connect error: connection refused");
        };
      case "took effect late": {
        const ms = this.#random.between(100, 30_000);
        this.#time.setTimeout(() => this.#apply(groupId, request), ms);
        return broken;
      }
      default: {
        const run_ids = this.#apply(groupId, request);
        if (fault === "lost after it took effect") return broken;
        if (fault === "502 after it took effect") return () => refusal(502);
        if (fault !== null) return () => new Response("<html>");
        const status = this.#group(groupId).status;
        this.#random.pick([() => run_ids.reverse(), () => run_ids])();
        return () => Response.json({ status, run_ids, run_cursor: null, event_cursor: null });
      }
    }
  }

  #apply(groupId: string, { inputs, default_task_spec }: AddRequest): string[] {
    const rows = this.#rows(groupId);
    return inputs.map((input) => {
      const run_id = `trun_${groupId}_${rows.length + 1}`;
      const run = runJson({
        run_id,
        status: "running",
        taskgroup_id: groupId,
        metadata: input.metadata,
      });
      const endsAs = this.#ends?.chance(FAILING) ? "failed" : "completed";
      rows.push({ run, input, spec: default_task_spec, sinceMs: this.#time.now(), endsAs });
      return run_id;
    });
  }

  #rows(groupId: string): UpstreamRun[] {
    return this.groups.get(groupId) ?? [];
  }

  #group(taskgroup_id: string) {
    return {
      taskgroup_id,
      created_at: null,
      metadata: {},
      status: {
        num_task_runs: this.#rows(taskgroup_id).length,
        task_run_status_counts: {},
        is_active: true,
        status_message: "",
        modified_at: null,
      },
    };
  }
}

function broken(): Response {
  throw new TypeError("error reading a body from connection: connection reset");
}

function refusal(status: number): Response {
  const error = { ref_id: "r", message: "no", detail: null };
  return Response.json({ type: "error", error }, { status });
}

function stream(body: BodyInit): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
