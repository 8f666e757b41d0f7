/** Task Groups and monitors of an API that responds with an attacker's markup in every field. */
import {
  type Ending,
  errorOf,
  frame,
  type Json,
  outputOf,
  runOf,
  type Saying,
} from "./hostile_words.ts";
import type { Payload } from "./xss_payloads.ts";

interface Row extends Saying {
  readonly id: string;
  readonly input: Json;
}

interface Group {
  readonly id: string;
  readonly payloads: readonly Payload[];
  readonly rows: Row[];
  readonly over: PromiseWithResolvers<void>;
  isOver: boolean;
}

/** How the rows of a group end, in turn. */
const ENDINGS: readonly Ending[] = ["json", "failed"];
const AT = "2026-01-01T00:00:00Z";

/** Serves groups, their runs, and monitors. */
export class HostileGroups {
  readonly #groups = new Map<string, Group>();
  #payloads: readonly Payload[] = [];
  /** The next groups are refused, in these words. */
  refuses = false;

  /** What groups and monitors say from now on. */
  prepare(payloads: readonly Payload[]): void {
    this.#payloads = payloads;
  }

  /** Lets the rows of a group end. */
  release(groupId: string): void {
    const group = this.#groups.get(groupId);
    if (group === undefined) throw new Error(`There is no group ${groupId}`);
    group.isOver = true;
    group.over.resolve();
  }

  /** Answers a request for a group, one of its runs or a monitor; `null` if it is for another resource. */
  async answer(request: Request): Promise<Response | null> {
    const { method } = request;
    const { pathname } = new URL(request.url);
    const [, monitor = "", events] = /\/monitors(?:\/([^/]+)(\/events)?)?/.exec(pathname) ?? [];
    if (pathname.includes("/monitors")) {
      if (events !== undefined) return Response.json(this.#events());
      return Response.json(
        method === "GET" && monitor === ""
          ? {
            monitors: [this.#monitor("monitor_1"), this.#monitor(this.#all)],
            next_cursor: this.#all,
          }
          : this.#monitor("monitor_1"),
      );
    }
    const [, runId, part] = /\/runs\/([\w-]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (runId !== undefined) return this.#single(runId, part);
    const [, groupId, what] = /\/groups(?:\/([\w-]+)(?:\/(\w+))?)?$/.exec(pathname) ?? [];
    if (groupId === undefined) return pathname.includes("/groups") ? this.#create() : null;
    const group = this.#groups.get(groupId);
    if (group === undefined) return Response.json(errorOf(this.#all), { status: 404 });
    if (method === "POST") return Response.json(add(group, await request.json()));
    if (what === "events") return stream(eventsOf(group, request.signal));
    if (what === "runs") {
      return stream(new Blob(group.rows.map((row, at) => stateOf(group, row, at))).stream());
    }
    return Response.json(groupOf(group));
  }

  get #all(): string {
    return this.#payloads.map(({ text }) => text).join("\n");
  }

  #create(): Response {
    if (this.refuses) return Response.json(errorOf(this.#all), { status: 422 });
    const id = `tgrp_${crypto.randomUUID().replaceAll("-", "")}`;
    const over = Promise.withResolvers<void>();
    const group = { id, payloads: this.#payloads, rows: [], over, isOver: false };
    this.#groups.set(id, group);
    return Response.json(groupOf(group));
  }

  #single(runId: string, part: string | undefined): Response | null {
    for (const group of this.#groups.values()) {
      const row = group.rows.find(({ id }) => id === runId);
      if (row === undefined) continue;
      if (part === "result") {
        return Response.json({ run: stateIn(group, row), output: outputOf(row) });
      }
      return Response.json(part === "input" ? row.input : stateIn(group, row));
    }
    return null;
  }

  #monitor(monitor_id: string): Json {
    const all = this.#all;
    return {
      monitor_id,
      status: "active",
      frequency: all,
      processor: all,
      settings: { task_run_id: all, query: all },
      metadata: { [all]: all },
      created_at: AT,
      last_run_at: AT,
    };
  }

  #events(): Json {
    const [payloads, all] = [this.#payloads, this.#all];
    const change = { event_id: all, event_date: all, event_type: all };
    const before = { type: "text", content: `${all} before`, basis: [] };
    return {
      events: [
        {
          ...change,
          changed_output: outputOf({ payloads, ending: "json" }),
          previous_output: before,
        },
        {
          ...change,
          changed_output: outputOf({ payloads, ending: "text" }),
          previous_output: before,
        },
        { event_type: "error", timestamp: AT, error_message: all },
        { event_type: "completion", timestamp: AT },
      ],
      next_cursor: all,
    };
  }
}

function add(group: Group, { inputs }: { readonly inputs: readonly Json[] }): Json {
  const { payloads } = group;
  const added = inputs.map((input, at): Row => ({
    id: `trun_${crypto.randomUUID().replaceAll("-", "")}`,
    input,
    payloads,
    ending: ENDINGS[(group.rows.length + at) % ENDINGS.length]!,
  }));
  group.rows.push(...added);
  return {
    status: statusOf(group),
    run_ids: added.map(({ id }) => id),
    run_cursor: null,
    event_cursor: null,
  };
}

function stateIn(group: Group, row: Row): Json {
  return { ...runOf(row.id, row, group.isOver ? undefined : "running"), taskgroup_id: group.id };
}

/** A row's state with its input and result, as a stream has it. */
function stateOf(group: Group, row: Row, at: number): string {
  return frame({
    type: "task_run.state",
    event_id: `${at + 1}`,
    input: row.input,
    run: stateIn(group, row),
    output: group.isOver && row.ending !== "failed" ? outputOf(row) : null,
  });
}

function eventsOf(group: Group, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const status = () =>
    encoder.encode(frame({ type: "task_group_status", event_id: "s", status: statusOf(group) }));
  const gone = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(status());
      await Promise.race([group.over.promise, gone]);
      if (signal.aborted) return;
      for (const [at, row] of group.rows.entries()) {
        controller.enqueue(encoder.encode(stateOf(group, row, at)));
      }
      controller.enqueue(status());
      controller.close();
    },
  });
}

function stream(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function groupOf(group: Group): Json {
  const all = group.payloads.map(({ text }) => text).join("\n");
  return {
    taskgroup_id: group.id,
    metadata: { [all.slice(0, 16)]: all },
    created_at: AT,
    status: statusOf(group),
  };
}

function statusOf({ rows, payloads, isOver }: Group): Json {
  const counts: Record<string, number> = {};
  for (const { ending } of rows) {
    const status = !isOver ? "running" : ending === "failed" ? "failed" : "completed";
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return {
    num_task_runs: rows.length,
    task_run_status_counts: counts,
    is_active: !isOver,
    status_message: payloads[0]?.text ?? "",
    modified_at: AT,
  };
}
