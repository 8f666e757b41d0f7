/**
 * Lighthouse in real Chromium on every kind of page, in a tab that holds the session. `LIGHTHOUSE_TIMES=3`
 * takes the median of three measurements of each; one takes about five seconds.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CHROMIUM_FLAGS, findChromium } from "../../tests/browser_launch.ts";
import { Server } from "../../tests/process/server.ts";
import { linesOf } from "../streams/measured.ts";
import { type BenchResult, PROMISE } from "../types.ts";

/** Run by Deno from npm when the benchmark is, and no dependency of the project. */
const LIGHTHOUSE = "npm:lighthouse@13.5.0";

export const packages = [LIGHTHOUSE];

/** What was promised of each category on every page (0 to 100). */
const TARGETS: Readonly<Record<string, number>> = {
  performance: 100,
  accessibility: 100,
  "best-practices": 100,
};
/** Measurements of a page, of which the median counts: performance varies with what else the machine does. */
const TIMES = Number(Deno.env.get("LIGHTHOUSE_TIMES") ?? 1);

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
  readonly audits: Readonly<
    Record<string, { readonly score: number | null; readonly details?: unknown }>
  >;
}

/** A page, and whether it is seen signed in. */
type Page = readonly [name: string, path: string, isOwn?: boolean];

export async function run(): Promise<BenchResult[]> {
  await using server = await Server.start({ SANDBOX_SPEED: "20" });
  const cookie = await signIn(server.url);
  await using lighthouse = await Lighthouse.start();
  const results: BenchResult[] = [];
  for (const [name, path, isOwn = true] of await pages(new Client(server.url, cookie))) {
    const reports: Report[] = [];
    for (let time = 0; time < TIMES; time++) {
      reports.push(await lighthouse.measure(server.url + path, isOwn ? cookie : ""));
    }
    // Search engines see the front page alone.
    const targets = name === "front page" ? { ...TARGETS, seo: 100 } : TARGETS;
    for (const [category, target] of Object.entries(targets)) {
      const scores = reports
        .map(({ categories }) => Math.round((categories[category]?.score ?? 0) * 100))
        .toSorted((a, b) => a - b);
      results.push({
        name: `${name}: ${category}`,
        value: scores[Math.floor(scores.length / 2)] ?? 0,
        unit: "of 100",
        peer: PROMISE,
        spread: [scores[0] ?? 0, scores.at(-1) ?? 0],
        target: `${target} or more`,
        note: [...new Set(reports.flatMap(failedAudits))].join(", "),
      });
    }
    const foreign = reports.map((report) => foreignRequests(report, server.url))
      .toSorted((a, b) => a - b);
    results.push({
      name: `${name}: requests to other hosts`,
      value: foreign.at(-1) ?? 0,
      unit: "requests",
      peer: PROMISE,
      spread: [foreign[0] ?? 0, foreign.at(-1) ?? 0],
      target: "none",
    });
  }
  return results;
}

/** Makes what the pages show, and returns them. */
async function pages(client: Client): Promise<Page[]> {
  const [live, finished, other] = [
    // It runs longer than its page is measured.
    await client.createRun("ultra8x"),
    await client.createRun("lite", SCHEMA),
    await client.createRun("base", SCHEMA),
  ];
  for (const id of [finished, other]) await client.end(id);
  const batch = await client.createBatch();
  const shared = await client.share(finished);
  return [
    ["front page", "/", false],
    ["form", "/"],
    ["history", "/tasks"],
    ["history as a table", `/tasks?view=table&ids=${finished},${other}`],
    ["live run", `/tasks/${live}`],
    ["finished run", `/tasks/${finished}`],
    ["shared run", shared, false],
    ["comparison", `/compare?ids=${finished},${other}`],
    ["new batch", "/batches/new"],
    ["batch", batch],
    ["cell of a batch", `${batch}/cell?row=1&column=0`],
    ["schedules", "/schedules"],
    ["connect", "/connect"],
    ["new schedule", `/schedules/new?run=${finished}`],
    ["new watch", `/watches/new?run=${finished}`],
    ["account", "/account"],
    ["notifications", "/account/notifications"],
    ["export and import", "/tasks/transfer"],
    ["inspector", "/inspect"],
  ];
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/sandbox`, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ next: "/" }),
    redirect: "manual",
  });
  await response.body?.cancel();
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

const SCHEMA = {
  type: "object",
  properties: {
    legal_name: { type: "string", description: "Registered name" },
    employees: { type: "integer", description: "Employees" },
    headquarters: { type: "string", description: "City and country" },
  },
  required: ["legal_name", "employees", "headquarters"],
  additionalProperties: false,
};

/** What the account of the benchmark does. */
class Client {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, cookie: string) {
    this.#url = url;
    this.#headers = { cookie, "sec-fetch-site": "same-origin" };
  }

  async createRun(processor: string, schema?: typeof SCHEMA): Promise<string> {
    const response = await fetch(`${this.#url}/api/v1/tasks/runs`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify({
        input: "Which cities host the most data centres?",
        processor,
        enable_events: true,
        ...schema && { task_spec: { output_schema: { type: "json", json_schema: schema } } },
      }),
    });
    const { run_id } = await response.json();
    return run_id;
  }

  /** Waits for the end of a run. */
  async end(runId: string): Promise<void> {
    const path = `${this.#url}/api/v1/tasks/runs/${runId}/events`;
    await (await fetch(path, { headers: this.#headers })).text();
  }

  /** Creates a batch of 40 rows; returns its path once all of them have ended. */
  async createBatch(): Promise<string> {
    const rows = Array.from({ length: 40 }, (_, at) => `Company ${at + 1},`).join("\n");
    const path = await this.#post("/batches", {
      table: `Company,Employees\n${rows}\n`,
      output_type: "json",
      json_schema: JSON.stringify(SCHEMA),
      processor: "lite",
    });
    // Its stream goes on, as rows can be added.
    while (!(await this.#page(path)).includes("<title>Done: ")) await delay(100);
    return path;
  }

  /** Shares a run; returns the link's path. */
  async share(runId: string): Promise<string> {
    await this.#post(`/tasks/${runId}/share`, {});
    return /\/s\/[\w-]{43}/.exec(await this.#page(`/tasks/${runId}`))?.[0] ?? "";
  }

  async #page(path: string): Promise<string> {
    return await (await fetch(this.#url + path, { headers: this.#headers })).text();
  }

  /** Sends a form; returns where it leads. */
  async #post(path: string, fields: Record<string, string>): Promise<string> {
    const response = await fetch(this.#url + path, {
      method: "POST",
      headers: this.#headers,
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    await response.body?.cancel();
    return response.headers.get("location") ?? "";
  }
}

/** Lighthouse in a process of its own, with one Chromium for all pages: to start both takes as long as to measure. */
class Lighthouse implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-config", "--no-lock", join(import.meta.dirname!, "measure.ts")],
        ...[LIGHTHOUSE, findChromium() ?? "", "--headless", ...CHROMIUM_FLAGS],
      ],
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  static async start(): Promise<Lighthouse> {
    return new Lighthouse(await Deno.makeTempDir());
  }

  async measure(url: string, cookie: string): Promise<Report> {
    const request = { url, headers: cookie === "" ? {} : { cookie } };
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`Lighthouse failed on ${url}`);
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Names of the audits that a category takes points off for. */
function failedAudits({ audits }: Report): string[] {
  return Object.entries(audits)
    .filter(([name, { score }]) => score !== null && score < 0.9 && !name.endsWith("-insight"))
    .map(([name]) => name);
}

function foreignRequests({ audits }: Report, url: string): number {
  const details = audits["network-requests"]?.details as
    | { items?: readonly { url?: string }[] }
    | undefined;
  return (details?.items ?? []).filter(({ url: requested = "" }) =>
    /^https?:/.test(requested) && !requested.startsWith(url)
  ).length;
}
