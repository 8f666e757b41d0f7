/**
 * Batches: a table from its upload to its last result, against a bare script that makes the same calls; the
 * first page and the exports of 10,000 rows, with their memory; and that page while rows change. The server is
 * a separate process with raised limits. Both sides use the sandbox at full speed.
 */
import { gzipSync } from "node:zlib";
import { Server } from "../../tests/process/server.ts";
import { median, ratiosOf, spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";
import { liveUpdates } from "./live.ts";

const ENV = {
  SANDBOX_SPEED: "10000",
  SANDBOX_ROWS_PER_DAY: "1000000",
  SANDBOX_RUNS_MAX: "1000000",
  CREATE_LIMIT_PER_MINUTE: "1000000",
  REQUEST_LIMIT_PER_MINUTE: "1000000",
};
const ROWS = 1_000, MANY = 10_000, CHUNK = 500, ROUNDS = 3, VIEWS = 20;
const KEY = "sandbox-bench-batches-1234";

export async function run(): Promise<BenchResult[]> {
  await using server = await Server.start(ENV);
  const client = new Client(server.url);
  await client.signIn();
  const ours: number[] = [], bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timed(() => client.batch(ROWS)));
    await idle(server.pid!);
    bare.push(await timed(() => script(server.url, ROWS)));
    // Its runs are recorded and indexed after the script has read their results.
    await idle(server.pid!);
  }
  const idleKb = await rssKb(server.pid!);
  const [small, large] = [await client.tried(100), await client.tried(MANY)];
  await idle(server.pid!);
  const views: Record<"small" | "large", number[]> = { small: [], large: [] };
  for (let view = 0; view < VIEWS; view++) {
    views.small.push(await timed(() => client.text(small)));
    views.large.push(await timed(() => client.text(large)));
  }
  const wire = gzipSync(await client.text(large)).byteLength;
  const firstBytes = await Promise.all(["table.csv", "table.xlsx"].map(async (file) => {
    const times: number[] = [];
    for (let at = 0; at < 5; at++) times.push(await client.firstByte(`${large}/${file}`));
    return { file, times };
  }));
  const usedKb = await rssKb(server.pid!) - idleKb;
  const { cookie } = client;
  const live = await liveUpdates({ url: server.url + large, cookie, rows: count(MANY) });
  return [
    {
      name: `batches: ${count(ROWS)} rows from upload to the last result`,
      value: Math.round(median(ours)),
      unit: "ms",
      peer: "bare script, same server",
      ratio: median(ratiosOf(ours, bare)),
      spread: spreadOf(ratiosOf(ours, bare)),
      target: "<= 1.5x",
      note: `the script ${Math.round(median(bare))} ms`,
    },
    {
      name: `batches: first page of ${count(MANY)} rows`,
      value: median(views.large),
      unit: "ms",
      peer: "100 rows",
      ratio: median(ratiosOf(views.large, views.small)),
      spread: spreadOf(ratiosOf(views.large, views.small)),
      target: "<= 1.3x",
      note: `${(wire / 1024).toFixed(1)} KB compressed; at most 60`,
    },
    ...firstBytes.map(({ file, times }): BenchResult => ({
      name: `batches: first byte of ${file}, ${count(MANY)} rows`,
      value: median(times),
      unit: "ms",
      peer: PROMISE,
      spread: spreadOf(times),
      target: "<= 100 ms",
    })),
    {
      name: `batches: memory after ${count(MANY)} rows were uploaded, shown and exported`,
      value: Math.round(usedKb / 1024),
      unit: "MB above idle",
      peer: PROMISE,
      spread: [Math.round(usedKb / 1024), Math.round(usedKb / 1024)],
      target: "<= 100 MB",
    },
    ...live,
  ];
}

/** A browser without a screen. */
class Client {
  readonly #url: string;
  #cookie = "";

  constructor(url: string) {
    this.#url = url;
  }

  /** The session's cookies, once it has signed in. */
  get cookie(): string {
    return this.#cookie;
  }

  async signIn(): Promise<void> {
    const response = await this.#post("/auth/key", { api_key: KEY, next: "/" });
    this.#cookie = response.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
  }

  /** Sends a table, and waits for the end of its batch. */
  async batch(rows: number): Promise<void> {
    const path = await this.#create(rows, "");
    const response = await this.#get(`${path}/events`);
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text = (text + chunk).slice(-100_000);
      if (text.includes('"state":"done"')) return;
    }
    throw new Error("The batch did not end");
  }

  /** A batch of which three rows were sent. */
  async tried(rows: number): Promise<string> {
    const path = await this.#create(rows, "3");
    while (!(await this.text(path)).includes("The first 3 rows are done")) await tick(50);
    return path;
  }

  async text(path: string): Promise<string> {
    return await (await this.#get(path)).text();
  }

  /** How long until the first byte of a download (ms). The rest is not read. */
  async firstByte(path: string): Promise<number> {
    const start = performance.now();
    const response = await this.#get(path);
    const reader = response.body!.getReader();
    await reader.read();
    const ms = performance.now() - start;
    await reader.cancel();
    return ms;
  }

  async #create(rows: number, trial: string): Promise<string> {
    const response = await this.#post("/batches", {
      table: `company,city\n${companies(rows).map(({ company }) => `${company},Lyon\n`).join("")}`,
      output_type: "json",
      json_schema: JSON.stringify(SCHEMA),
      processor: "lite",
      trial,
    });
    await response.body?.cancel();
    return response.headers.get("location")!;
  }

  async #get(path: string): Promise<Response> {
    const response = await fetch(this.#url + path, { headers: { cookie: this.#cookie } });
    if (!response.ok) throw new Error(`${path} answers ${response.status}`);
    return response;
  }

  async #post(path: string, fields: Record<string, string>): Promise<Response> {
    const response = await fetch(this.#url + path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { cookie: this.#cookie, "sec-fetch-site": "same-origin" },
      redirect: "manual",
    });
    if (response.status !== 303) throw new Error(`${path} answers ${response.status}`);
    return response;
  }
}

/** What a script without Taskstream does: creates a group, its runs in chunks, its status until it is done, all results. */
async function script(url: string, rows: number): Promise<void> {
  const call = async (path: string, body?: unknown) =>
    await fetch(`${url}/api/v1/tasks/groups${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      ...body !== undefined && { body: JSON.stringify(body) },
    });
  const { taskgroup_id: id } = await (await call("", {})).json();
  const inputs = companies(rows).map((input) => ({ input, processor: "lite" }));
  for (let from = 0; from < rows; from += CHUNK) {
    const output_schema = { type: "json", json_schema: SCHEMA };
    const added = await call(`/${id}/runs`, {
      inputs: inputs.slice(from, from + CHUNK),
      default_task_spec: { output_schema },
    });
    await added.json();
  }
  for (;;) {
    const { status } = await (await call(`/${id}`)).json();
    if (!status.is_active) break;
    await tick(50);
  }
  const results = await (await call(`/${id}/runs?include_output=true`)).text();
  const found = results.split("event: task_run.state").length - 1;
  if (found < rows) throw new Error(`${found} of ${rows} results`);
}

const SCHEMA = {
  type: "object",
  properties: { founded: { type: "integer" }, city: { type: "string" } },
  required: ["founded", "city"],
  additionalProperties: false,
};

function companies(rows: number): { readonly company: string; readonly city: string }[] {
  return Array.from({ length: rows }, (_, at) => ({ company: `Acme ${at + 1}`, city: "Lyon" }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function tick(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until a process is idle: less than 0.1 s of processor time in each of two seconds. Runs are indexed up
 * to a second after they have changed.
 */
async function idle(pid: number): Promise<void> {
  let before = await ticks(pid);
  for (let quiet = 0; quiet < 2;) {
    await tick(1_000);
    const now = await ticks(pid);
    quiet = now - before < 10 ? quiet + 1 : 0;
    before = now;
  }
}

/** The processor time that a process has used (hundredths of a second). */
async function ticks(pid: number): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

/** The resident memory of a process (KiB). */
async function rssKb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

function count(value: number): string {
  return value.toLocaleString("en");
}
