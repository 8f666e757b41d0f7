/** A Task API with groups whose runs end when a test says so. It counts its requests. */
import { fail } from "@std/assert";
import { encodeSSE } from "../../lib/sse/mod.ts";
import type { TestApp } from "../app/test_app.ts";
import { errorJson, type ProxyOptions, type Reached, runJson } from "./proxy_app.ts";

interface Row {
  readonly run: Record<string, unknown>;
  readonly input: unknown;
}

/** The API of one test. */
export class GroupApi {
  readonly #groups = new Map<string, Row[]>();
  readonly #open = new Set<ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>>();
  #isOver = false;
  /** Methods and paths, in order. */
  readonly asked: string[] = [];
  /** What was added to groups by requests, in order. */
  readonly bodies: unknown[] = [];
  /** Answers a request in the API's place. */
  instead: (path: string, query: URLSearchParams) => Response | null = () => null;
  mostStreams = 0;

  /** Streams of group events that are open. */
  get streams(): number {
    return this.#open.size;
  }

  /** For `withProxy`: what the recorder asks comes here too. */
  get options(): ProxyOptions {
    return {
      recorderApi: async (request) =>
        await this.answer({
          method: request.method,
          target: request.url.slice(new URL(request.url).origin.length),
          headers: request.headers,
          body: await request.text(),
          signal: request.signal,
        }),
    };
  }

  readonly answer = ({ method, target, body, signal }: Reached): Response => {
    this.asked.push(`${method} ${target}`);
    const { pathname, searchParams } = new URL(target, "http://api.test");
    const other = this.instead(pathname, searchParams);
    if (other !== null) return other;
    const [, runId, result] = /\/tasks\/runs\/([^/]+)(\/result)?$/.exec(pathname) ?? [];
    if (runId !== undefined) return this.#single(runId, result !== undefined);
    const [, groupId, part] = /\/groups(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(pathname) ?? [];
    if (method === "POST" && groupId === undefined) {
      return Response.json(this.#group(`tgrp_${crypto.randomUUID().replaceAll("-", "")}`));
    }
    if (groupId === undefined) return Response.json(errorJson("Run id not found"), { status: 404 });
    if (method === "POST") {
      const request = JSON.parse(body);
      this.bodies.push(request);
      const added = this.add(groupId, request.inputs);
      return Response.json({ ...added, status: this.#status(groupId) });
    }
    if (part === undefined) return Response.json(this.#group(groupId));
    return part === "events" ? this.#events(groupId, signal) : this.#runs(groupId, searchParams);
  };

  /** Adds runs; their ids come back in another order than their inputs. */
  add(groupId: string, inputs: readonly unknown[]) {
    const rows = this.#groups.get(groupId) ?? [];
    const run_cursor = rows.length === 0 ? null : `${rows.length}`;
    const added = inputs.map((input) => {
      const { processor = "lite" } = input as { processor?: string };
      return { input, run: runJson({ status: "running", taskgroup_id: groupId, processor }) };
    });
    this.#groups.set(groupId, [...rows, ...added]);
    return {
      run_ids: added.map(({ run }) => run.run_id).reverse(),
      run_cursor,
      event_cursor: null,
    };
  }

  /** The first runs of every group end, and every stream says so. */
  endFirst(count: number, status = "completed"): void {
    for (const rows of this.#groups.values()) {
      for (const row of rows.slice(0, count)) {
        Object.assign(row.run, { status, is_active: false });
        for (const controller of this.#open) controller.enqueue(this.#frame(row, "e", {}));
      }
    }
  }

  /** Every run completes, and every stream says so and ends. */
  endAll(): void {
    this.#isOver = true;
    for (const rows of this.#groups.values()) {
      for (const { run } of rows) Object.assign(run, { status: "completed", is_active: false });
    }
    for (const controller of this.#open) {
      for (const [groupId, rows] of this.#groups) {
        for (const row of rows) controller.enqueue(this.#frame(row, "e", {}));
        controller.enqueue(this.#statusFrame(groupId));
      }
      controller.close();
    }
    this.#open.clear();
  }

  /** How often something was asked for. */
  count(pattern: RegExp): number {
    return this.asked.filter((each) => pattern.test(each)).length;
  }

  #single(runId: string, isResult: boolean): Response {
    const row = [...this.#groups.values()].flat().find(({ run }) => run.run_id === runId);
    if (row === undefined) return Response.json(errorJson("Run id not found"), { status: 404 });
    return Response.json(isResult ? { run: row.run, output: outputOf(row) } : row.run);
  }

  #events(groupId: string, signal: AbortSignal): Response {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        controller.enqueue(this.#statusFrame(groupId));
        if (this.#isOver) return controller.close();
        this.#open.add(controller);
        this.mostStreams = Math.max(this.mostStreams, this.#open.size);
        signal.addEventListener("abort", () => this.#open.delete(controller));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #runs(groupId: string, query: URLSearchParams): Response {
    const body = this.list(groupId, query);
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  /** The stream of a group's runs, as it would be now. */
  list(groupId: string, query: URLSearchParams): Blob {
    const from = Number(query.get("last_event_id") ?? 0);
    const rows = (this.#groups.get(groupId) ?? []).map((row, index) => ({ row, index: index + 1 }))
      .filter(({ row, index }) =>
        index > from && [null, row.run.status].includes(query.get("status"))
      );
    const frames = rows.map(({ row, index }) =>
      this.#frame(row, `${index}`, {
        input: query.get("include_input") === "true",
        output: query.get("include_output") === "true",
      })
    );
    return new Blob(frames);
  }

  #frame(
    { run, input }: Row,
    event_id: string,
    include: { input?: boolean; output?: boolean },
  ): Uint8Array<ArrayBuffer> {
    const type = "task_run.state";
    const output = run.status === "completed" && include.output ? outputOf({ run, input }) : null;
    const payload = { type, event_id, input: include.input ? input : null, run, output };
    return new TextEncoder().encode(encodeSSE({ event: type, data: JSON.stringify(payload) }));
  }

  #statusFrame(groupId: string): Uint8Array<ArrayBuffer> {
    const type = "task_group_status";
    const payload = { type, event_id: "s", status: this.#status(groupId) };
    return new TextEncoder().encode(encodeSSE({ event: type, data: JSON.stringify(payload) }));
  }

  #group(taskgroup_id: string) {
    return { taskgroup_id, metadata: {}, created_at: null, status: this.#status(taskgroup_id) };
  }

  #status(groupId: string) {
    const rows = this.#groups.get(groupId) ?? [];
    const counts: Record<string, number> = {};
    for (const { run } of rows) counts[`${run.status}`] = (counts[`${run.status}`] ?? 0) + 1;
    return {
      num_task_runs: rows.length,
      task_run_status_counts: counts,
      is_active: rows.some(({ run }) => run.is_active),
      status_message: "",
      modified_at: null,
    };
  }
}

/** Adds runs to a group through an app's `/api`, as a program does. Returns their IDs. */
export async function addThroughApi(
  app: TestApp,
  apiKey: string,
  groupId: string,
  inputs: readonly unknown[],
): Promise<string[]> {
  const request = new Request(`http://localhost:8000/api/v1/tasks/groups/${groupId}/runs`, {
    method: "POST",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ inputs }),
  });
  const response = await app.handle(request);
  if (response.status !== 200) fail(await response.text());
  return (await response.json()).run_ids;
}

function outputOf({ input }: Row) {
  // deno-lint-ignore no-explicit-any
  const content = `About ${JSON.stringify((input as any).input)}`;
  return { type: "text", content, basis: [] };
}
