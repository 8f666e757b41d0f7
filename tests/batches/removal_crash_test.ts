/** Deletions and undos of a batch's runs, however late they are carried out, and whatever dies meanwhile. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import { rowView } from "../../lib/batches/model/mod.ts";
import { carryOut } from "../../lib/batches/service/commands.ts";
import { BatchLog } from "../../lib/batches/service/log.ts";
import type { RunOwner } from "../../lib/runs/mod.ts";
import type { Timers } from "../../lib/base/timers.ts";
import { Committer } from "../../lib/store/mod.ts";
import { TestApp } from "../app/test_app.ts";
import { dyingAt, silentLog } from "../runs/store_tools.ts";
import { batchOf, companies, created, ownerOf, pageIn, pageWhen, rowsOf } from "./batch_tools.ts";

/** A finished batch in a file, whose holder is gone: orders to it stay until a process takes it. */
interface Left {
  readonly path: string;
  readonly owner: RunOwner;
  readonly id: string;
  readonly runIds: readonly string[];
  /** A text that only the result of row 2 has. */
  readonly answer: string;
}

const start = (kvPath: string, timers?: Timers) =>
  TestApp.start({ config: { kvPath, sandboxSpeed: 1_000 }, timers });

/** How long a request waits for the process that carries out its order (ms). */
const ORDER_MS = 1_500;

/** A process that holds nothing. Its requests do not wait for their orders, which no process carries out. */
async function drained(path: string): Promise<TestApp> {
  const app = await start(path, {
    setTimeout: (run, ms) => setTimeout(run, ms === ORDER_MS ? 0 : ms),
    clearTimeout: (id) => clearTimeout(id as number),
  });
  await app.services.drain();
  return app;
}

/** Runs a change on a batch that no process holds, then checks the stored state. */
async function withLeft(
  change: (app: TestApp, left: Left) => Promise<unknown>,
  test: (left: Left) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/kv`;
    const app = await start(path);
    const owner = await ownerOf(app);
    const batch = await batchOf(companies(3));
    const task = { ...batch.task, task_spec: { output_schema: { type: "text" } } } as const;
    const id = await created(app, owner, { ...batch, task });
    const rows = rowsOf(await pageIn(app, owner, id, "done"));
    const runIds = rows.map(({ run_id }) => run_id ?? fail("a row without a run"));
    const left: Left = {
      path,
      owner,
      id,
      runIds,
      answer: rows[1]?.cells?.[0]?.text ?? fail("no answer"),
    };
    await app.close();
    const holdsNothing = await drained(path);
    await change(holdsNothing, left);
    await holdsNothing.close();
    await test(left);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Carries the orders out in a process that dies at its `n`th commit. Returns whether it died. */
async function carriedOut({ path, id }: Left, n: number): Promise<boolean> {
  const app = await drained(path);
  const { kv: real, runs, openKey } = app.services;
  const { kv, died } = dyingAt(real, n);
  // Each change of a run counts as one commit.
  const step = () => kv.atomic().commit();
  const context = {
    kv,
    committer: new Committer(kv),
    now: Date.now,
    owner: crypto.randomUUID(),
    // The next process need not wait.
    leaseMs: 0,
    onEvents: () => {},
    log: silentLog,
    openKey,
    clientFor: () => fail("no request is needed"),
    removeRun: async (account: string, runId: string) => {
      await step();
      return await runs.remove(account, runId);
    },
    restoreRun: async (account: string, runId: string) => {
      await step();
      return await runs.restore(account, runId);
    },
    onOrder: () => {},
  };
  try {
    const log = await BatchLog.acquire(context, id);
    if (log instanceof BatchLog) await carryOut(context, log, () => {});
  } catch (error) {
    assert(died(), String(error));
  } finally {
    await app.close();
  }
  return died();
}

/** The files of a database, to go back to. */
async function copied({ path }: Left, name: string): Promise<string> {
  const copy = `${path}-${name}`;
  for (const more of ["", "-wal", "-shm"]) {
    await Deno.copyFile(path + more, copy + more).catch(() => {});
  }
  return copy;
}

Deno.test("a deletion that is undone before the batch's holder heard of it leaves the row as it was", () =>
  withLeft(async ({ services: { runs } }, { owner, runIds: [, second = ""] }) => {
    assert(await runs.remove(owner.id, second));
    assertStrictEquals(await runs.restore(owner.id, second), "restored");
  }, async ({ path, owner, id, runIds, answer }) => {
    const app = await start(path);
    await app.services.pickUp();
    while ((await Array.fromAsync(app.services.kv.list({ prefix: ["batch-command"] }))).length) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { view } = await pageWhen(app, owner, id, () => true);
    const { status, run_id, cells } = rowView(view, 2);
    assertEquals([status, run_id, cells?.[0]?.text], ["completed", runIds[1], answer]);
    await app.close();
  }));

Deno.test("a batch whose deletion is undone before its holder heard of it stays", () =>
  withLeft(async ({ services: { batches } }, { owner, id }) => {
    assert(await batches.remove(owner.id, id));
    assertStrictEquals(await batches.restore(owner.id, id), "restored");
  }, async (left) => {
    await carriedOut(left, Infinity);
    const app = await start(left.path);
    const { view } = await pageWhen(app, left.owner, left.id, () => true);
    assertEquals(view.counts, { completed: 3 });
    await app.close();
  }));

Deno.test("a process that dies while it forgets a row's result leaves no word of it", () =>
  withLeft(
    ({ services: { runs } }, { owner, runIds: [, second = ""] }) => runs.remove(owner.id, second),
    async (left) => {
      for (let n = 2, died = true; died; n++) {
        const path = await copied(left, String(n));
        died = await carriedOut({ ...left, path }, n);
        await carriedOut({ ...left, path }, Infinity);
        const kv = await Deno.openKv(path);
        const decoder = new TextDecoder(), words = JSON.stringify(left.answer).slice(1, -1);
        for await (const { value } of kv.list<Uint8Array>({ prefix: ["batch-log", left.id] })) {
          assert(!decoder.decode(value).includes(words), `died at commit ${n}`);
        }
        kv.close();
      }
    },
  ));

Deno.test("a process that dies while it restores a batch loses none of its runs", () =>
  withLeft(
    ({ services: { batches } }, { owner, id }) => batches.remove(owner.id, id),
    async (left) => {
      const { owner, id, runIds } = left;
      await carriedOut(left, Infinity);
      const app = await drained(left.path);
      assertEquals(
        await Promise.all(runIds.map((runId) => app.services.runs.has(owner.id, runId))),
        [
          false,
          false,
          false,
        ],
      );
      assertStrictEquals(await app.services.batches.restore(owner.id, id), "restored");
      await app.close();
      for (let n = 2, died = true; died; n++) {
        const path = await copied(left, String(n));
        died = await carriedOut({ ...left, path }, n);
        await carriedOut({ ...left, path }, Infinity);
        const after = await start(path);
        const there = runIds.map((runId) => after.services.runs.has(owner.id, runId));
        assertEquals(await Promise.all(there), [true, true, true], `died at commit ${n}`);
        await after.close();
      }
    },
  ));
