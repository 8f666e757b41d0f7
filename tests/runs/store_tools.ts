/** Shared by the tests of the store: a large run, a dump of the store, failing commits. */
import { Keyring } from "../../lib/accounts/keyring.ts";
import { Committer } from "../../lib/store/committer.ts";
import { createLog } from "../../lib/base/log.ts";
import { storeRun } from "../../lib/runs/life/create.ts";
import { LogWriter } from "../../lib/runs/log/writer.ts";
import type { WriterContext } from "../../lib/runs/log/lease.ts";
import { completed, plan, RUN } from "./log_tools.ts";

/** Keys that do not identify a run: an account's counters, and marks that its history changed. */
const BESIDE = new Set(["schema", "spend", "changes", "change", "purging"]);

/** A log without output. */
export const silentLog = createLog({ level: "error", format: "text", write: () => {} });

/** Every key of a store about runs and accounts. */
export async function keysOf(kv: Deno.Kv): Promise<Deno.KvKey[]> {
  const keys: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix: [] })) {
    if (!BESIDE.has(String(key[0]))) keys.push(key);
  }
  return keys;
}

/** A database whose commits fail from the `n`th on (from 1), as if the process died there. */
export function dyingAt(
  kv: Deno.Kv,
  n: number,
): { readonly kv: Deno.Kv; readonly died: () => boolean } {
  let commits = 0;
  const wrapped = new Proxy(kv, {
    get(target, name) {
      if (name === "atomic") {
        return () => {
          const atomic = target.atomic();
          const commit = atomic.commit.bind(atomic);
          atomic.commit = () =>
            ++commits >= n ? Promise.reject(new Error("the process died")) : commit();
          return atomic;
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { kv: wrapped, died: () => commits >= n };
}

/** Stores a run with a request, an event, a result and MCP headers that all lie in parts. */
export async function seedLargeRun(
  kv: Deno.Kv,
  context: WriterContext,
  account: string,
  { ended = true, events = true, createdMs = 1000 }: {
    ended?: boolean;
    events?: boolean;
    createdMs?: number;
  } = {},
): Promise<void> {
  const keyring = await Keyring.from(["s".repeat(32)]);
  await storeRun(
    { committer: new Committer(kv), keyring, now: () => createdMs },
    { id: account, sealedKey: await keyring.seal("key") },
    {
      task: {
        run_id: RUN,
        interaction_id: RUN,
        status: "queued",
        is_active: true,
        processor: "lite",
        created_at: new Date(createdMs).toISOString(),
        modified_at: null,
      },
      input: {
        input: "A question. ".repeat(10_000),
        processor: "lite",
        mcp_servers: [{ name: "m", url: "https://m.example", headers: { a: "x".repeat(20_000) } }],
      },
      source: "form",
      simulated: false,
    },
  );
  if (!events) return;
  const writer = await LogWriter.acquire(context, RUN, () => {});
  if (writer === null) throw new Error("The run is somebody else's");
  writer.append("task_run.progress_msg.plan", plan("x".repeat(200_000)));
  writer.append("task_run.progress_msg.plan", plan("short"));
  if (ended) {
    await writer.end("task_run.state", completed({ content: "y".repeat(200_000) }), null);
  }
  await writer.release();
}
