/** Real processes on one database, killed while they send a batch: each row ends with exactly one run. */
import { assertEquals, assertStrictEquals, fail } from "@std/assert";
import { join } from "node:path";
import { createLog } from "../../lib/base/log.ts";
import { readConfig } from "../../lib/config.ts";
import { type BatchView, rowView } from "../../lib/batches/model/mod.ts";
import { TaskClient } from "../../lib/parallel/mod.ts";
import { openServices, type Services } from "../../lib/services.ts";
import { GroupApi } from "../proxy/group_api.ts";
import { AT_ONCE } from "./at_once.ts";

const ROWS = 1_200;
const HOLDER = join(import.meta.dirname!, "batch_holder.ts");

interface Holder {
  readonly child: Deno.ChildProcess;
  /** The first line that it printed. */
  readonly line: string;
}

async function start(env: Record<string, string>, args: readonly string[] = []): Promise<Holder> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", HOLDER, ...args],
    env: { ...env, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let line = "";
  const output = child.stdout.pipeThrough(new TextDecoderStream()).values({ preventCancel: true });
  for await (const text of output) {
    line += text;
    if (line.includes("\n")) return { child, line: line.trim() };
  }
  return fail("The process ended");
}

async function kill({ child }: Holder): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel().catch(() => {});
}

interface Sent {
  readonly processor: string;
  readonly metadata: { readonly row: string; readonly attempt: number };
}

/** An API whose responses a test can delay. */
class SlowApi {
  readonly api = new GroupApi();
  readonly folder: string;
  /** The requests, in order. */
  readonly inputs: Sent[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #over = Promise.withResolvers<void>();
  #next: PromiseWithResolvers<void> | null = null;

  constructor(folder: string) {
    this.folder = folder;
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Resolves once the API took the next chunk. Its sender gets no response. */
  taken(): Promise<void> {
    this.#next = Promise.withResolvers();
    return this.#next.promise;
  }

  /** The environment of a process. */
  get env(): Record<string, string> {
    return {
      KV_PATH: join(this.folder, "kv.db"),
      PARALLEL_API_URL: `http://127.0.0.1:${this.#server.addr.port}`,
      CREATE_LIMIT_PER_MINUTE: "1000000",
    };
  }

  async close(): Promise<void> {
    this.#over.resolve();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const body = await request.text();
    const { pathname, search } = new URL(request.url);
    const { method, headers, signal } = request;
    const answer = this.api.answer({ method, target: pathname + search, headers, body, signal });
    if (method !== "POST" || !pathname.endsWith("/runs")) return answer;
    this.inputs.push(...JSON.parse(body).inputs);
    if (this.#next === null) return answer;
    this.#next.resolve();
    this.#next = null;
    await this.#over.promise;
    return answer;
  }
}

async function withSlowApi(test: (slow: SlowApi) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const slow = new SlowApi(folder);
  try {
    await test(slow);
  } finally {
    await slow.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs services in this process. They take over what a killed one held, so they must not be there before. */
async function withServices<T>(
  { env }: SlowApi,
  run: (services: Services) => Promise<T>,
): Promise<T> {
  const log = createLog({ level: "error", format: "text", write: () => {} });
  const services = await openServices(readConfig((name) => env[name]), log);
  try {
    return await run(services);
  } finally {
    await services.close();
  }
}

/** The batch once it fulfils a condition. */
async function viewWhen(
  { batches }: Services,
  { account, id }: { readonly account: string; readonly id: string },
  isMet: (view: BatchView) => boolean,
): Promise<BatchView> {
  for (;;) {
    const { view } = await batches.page(account, id) ?? fail("no batch");
    if (view.state === "paused") fail(`${view.reason}`);
    if (isMet(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const rowsOf = (view: BatchView) =>
  Array.from({ length: view.rows }, (_, at) => rowView(view, at + 1));
const isNamed = (view: BatchView) => rowsOf(view).every(({ run_id }) => run_id !== null);

const sendEachRowOnce = () =>
  withSlowApi(async (slow) => {
    const { env, inputs } = slow;
    const first = slow.taken();
    const one = await start(env, ["create", `${ROWS}`]);
    const [account, id] = one.line.split(" ") as [string, string];
    await first;
    const second = slow.taken();
    const two = await start(env);
    await kill(one);
    await second;
    await kill(two);
    await withServices(slow, async (services) => {
      await services.pickUp();
      const view = await viewWhen(services, { account, id }, isNamed);
      assertStrictEquals(new Set(rowsOf(view).map(({ run_id }) => run_id)).size, ROWS);
      assertStrictEquals(new Set(inputs.map(({ metadata }) => metadata.row)).size, ROWS);
      assertStrictEquals(inputs.length, ROWS);
    });
  });

const sendEachAttemptOnce = () =>
  withSlowApi(async (slow) => {
    const { api, env, inputs } = slow;
    const one = await start(env, ["create", "40"]);
    const [account, id] = one.line.split(" ") as [string, string];
    const batch = { account, id };
    await withServices(slow, async (services) => {
      await viewWhen(services, batch, isNamed);
      api.endFirst(20, "failed");
      await viewWhen(services, batch, ({ counts }) => counts.failed === 20);
      api.endFirst(40);
      await viewWhen(services, batch, ({ state }) => state === "done");
    });
    await kill(one);
    // Each process is killed when the API has its last request. The next one finds that out and continues.
    for (const what of ["retry", "escalate", "rows"]) {
      const taken = slow.taken();
      const holder = await start(env, [what, id]);
      await taken;
      await kill(holder);
    }
    const view = await withServices(slow, async (services) => {
      await services.pickUp();
      return await viewWhen(services, batch, (view) => view.rows === 42 && isNamed(view));
    });
    const again = (row: number) => row <= 20 || (row > 20 && row <= 23) ? 2 : 1;
    assertEquals(
      rowsOf(view).map(({ attempt }) => attempt),
      rowsOf(view).map(({ row }) => again(row)),
    );
    const sent = inputs.map(({ metadata: { row, attempt } }) => `${row} ${attempt}`);
    assertStrictEquals(sent.length, 40 + 20 + 3 + 2);
    assertStrictEquals(new Set(sent).size, sent.length);
    assertEquals(
      inputs.filter(({ processor }) => processor === "pro").map(({ metadata }) => metadata.row),
      ["r21", "r22", "r23"],
    );
    const client = new TaskClient({ baseUrl: env.PARALLEL_API_URL!, apiKey: "any", fetch });
    const made = new Map<string, string>();
    for await (const event of client.groups.runs(id, { includeInput: true })) {
      if (event.kind !== "run") continue;
      const { row, attempt } = event.input?.metadata ?? {};
      made.set(`${row} ${attempt}`, event.run.run_id);
    }
    for (const { row, attempt, run_id } of rowsOf(view)) {
      assertStrictEquals(run_id, made.get(`r${row} ${attempt}`));
    }
  });

Deno.test("processes are killed after the API took a chunk and before it answered", async (t) => {
  const steps = [
    { name: "no row is lost or sent twice", fn: sendEachRowOnce },
    {
      name:
        "rows that are sent again, on another processor too, and added rows: each attempt has one run",
      fn: sendEachAttemptOnce,
    },
  ];
  await Promise.all(steps.map((step) => t.step({ ...step, ...AT_ONCE })));
});
