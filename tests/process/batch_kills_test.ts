/** Real processes on one database, killed while they send a batch: each row ends with exactly one run. */
import { assertStrictEquals, fail } from "@std/assert";
import { join } from "node:path";
import { createLog } from "../../lib/base/log.ts";
import { readConfig } from "../../lib/config.ts";
import { rowView } from "../../lib/batches/model/mod.ts";
import { openServices } from "../../lib/services.ts";
import { GroupApi } from "../proxy/group_api.ts";

const ROWS = 1_200;
const HOLDER = join(import.meta.dirname!, "batch_holder.ts");

interface Holder {
  readonly child: Deno.ChildProcess;
  /** What it printed first. */
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

Deno.test("two processes are killed after the API took a chunk and before it answered: no row is lost or sent twice", async () => {
  const folder = await Deno.makeTempDir();
  const api = new GroupApi();
  const taken: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()];
  const inputs: { metadata: { row: string } }[] = [];
  let isOpen = false;
  const over = Promise.withResolvers<void>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const body = await request.text();
      const { pathname, search } = new URL(request.url);
      const { method, headers, signal } = request;
      const answer = api.answer({ method, target: pathname + search, headers, body, signal });
      if (method !== "POST" || !pathname.endsWith("/runs")) return answer;
      inputs.push(...JSON.parse(body).inputs);
      if (isOpen) return answer;
      // The runs are there. Whoever sent them does not live to hear of it.
      taken.shift()!.resolve();
      if (taken.length === 0) isOpen = true;
      await over.promise;
      return answer;
    },
  );
  const env = {
    KV_PATH: join(folder, "kv.db"),
    PARALLEL_API_URL: `http://127.0.0.1:${server.addr.port}`,
    CREATE_LIMIT_PER_MINUTE: "1000000",
  };
  const [first, second] = [taken[0]!.promise, taken[1]!.promise];
  const one = await start(env, [`${ROWS}`]);
  const [account, batchId] = one.line.split(" ") as [string, string];
  await first;
  const two = await start(env);
  await kill(one);
  await second;
  const log = createLog({ level: "error", format: "text", write: () => {} });
  const services = await openServices(
    readConfig((name) => new Map(Object.entries(env)).get(name)),
    log,
  );
  try {
    await services.pickUp();
    await kill(two);
    for (;;) {
      const { view } = await services.batches.page(account, batchId) ?? fail("no batch");
      assertStrictEquals(view.state, "running", `${view.reason}`);
      const ids = Array.from({ length: ROWS }, (_, at) => rowView(view, at + 1).run_id);
      if (ids.every((id) => id !== null)) {
        assertStrictEquals(new Set(ids).size, ROWS);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertStrictEquals(new Set(inputs.map(({ metadata }) => metadata.row)).size, ROWS);
    assertStrictEquals(inputs.length, ROWS);
  } finally {
    over.resolve();
    await services.close();
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});
