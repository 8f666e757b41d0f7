import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { readHistory } from "../../lib/runs/history/mod.ts";
import { NO_FILTER } from "../../lib/runs/history/page.ts";
import { FACETS } from "../../lib/runs/model/facets.ts";
import type { HistoryPage, RunSummary } from "../../lib/runs/model/model.ts";
import { line, withHistory } from "./store.ts";

const STATUSES = ["queued", "running", "completed", "failed"];
const PROCESSORS = ["lite", "pro", "ultra-fast"];
const OUTPUTS = ["auto", "text", "json"] as const;

/** Runs of every combination, spread over time. */
const RUNS: readonly RunSummary[] = Array.from({ length: 72 }, (_, index) =>
  line({
    created_ms: 1000 + index,
    status: STATUSES[index % 4]!,
    processor: PROCESSORS[index % 3]!,
    output_type: OUTPUTS[Math.floor(index / 3) % 3]!,
  }));

const ids = (runs: readonly RunSummary[]) => runs.map(({ run_id }) => run_id);

Deno.test("every combination of filters and dates lists exactly the matching runs, in both directions", () =>
  withHistory(async (history) => {
    for (const run of RUNS) await history.join("a", run);
    await history.join("b", line({ created_ms: 1010 }));
    for (const status of [null, ...STATUSES]) {
      for (const processor of [null, ...PROCESSORS]) {
        for (const output of [null, ...OUTPUTS]) {
          for (const [from, to] of [[null, null], [1010, null], [null, 1050], [1010, 1050]]) {
            const filter = {
              ...NO_FILTER,
              status,
              processor,
              output,
              from_ms: from!,
              to_ms: to!,
            };
            const expected = ids(
              RUNS.filter((run) =>
                (status === null || run.status === status) &&
                (processor === null || run.processor === processor) &&
                (output === null || run.output_type === output) &&
                run.created_ms >= (from ?? 0) && run.created_ms < (to ?? Infinity)
              ).toReversed(),
            );
            const read = (cursor: string | null) =>
              readHistory(history.kv, "a", { filter, cursor, limit: 5 });
            const pages: HistoryPage[] = [];
            for (let cursor: string | null = null, first = true; first || cursor !== null;) {
              first = false;
              const page: HistoryPage = await read(cursor);
              pages.push(page);
              cursor = page.next;
            }
            const name = JSON.stringify(filter);
            assertEquals(pages.flatMap(({ runs }) => ids(runs)), expected, name);
            for (let index = pages.length - 1; index > 0; index--) {
              const back = await read(pages[index]!.prev);
              assertEquals(ids(back.runs), ids(pages[index - 1]!.runs), name);
            }
          }
        }
      }
    }
  }));

Deno.test("a run that changes status moves to the other filter; a removed run is in none", () =>
  withHistory(async (history) => {
    const queued = line({ status: "queued" });
    const running = { ...queued, status: "running" };
    await history.join("a", queued);
    await history.change("a", queued, running);
    const count = async (status: string) =>
      (await readHistory(history.kv, "a", { filter: { ...NO_FILTER, status } })).runs.length;
    assertEquals([await count("queued"), await count("running")], [0, 1]);
    await history.leave("a", running);
    assertEquals([await count("queued"), await count("running")], [0, 0]);
    for (const name of ["index", "history", "member"]) {
      assertEquals(await Array.fromAsync(history.kv.list({ prefix: [name] })), []);
    }
  }));

Deno.test("progress rewrites a run's line but no index", () =>
  withHistory(async (history) => {
    const run = line({ status: "running" });
    await history.join("a", run);
    const stamps = async () =>
      (await Array.fromAsync(history.kv.list({ prefix: ["index"] }))).map((entry) =>
        entry.versionstamp
      );
    const before = await stamps();
    await history.change("a", run, { ...run, progress: 40 });
    assertStrictEquals(before.length, 2 ** FACETS.length);
    assertEquals(await stamps(), before);
    assertStrictEquals((await readHistory(history.kv, "a", {})).runs[0]?.progress, 40);
  }));

Deno.test("a run joins a history only once", () =>
  withHistory(async (history) => {
    await history.join("a", line());
    assertMatch(String(await assertRejects(() => history.join("a", line()))), /A check failed/);
  }));
