import { assertEquals, assertStrictEquals } from "@std/assert";
import { applyChange, type ListState, MAX_SHOWN } from "../../routes/tasks/(_parts)/live_list.ts";
import {
  datesOf,
  fits,
  listHref,
  listProblems,
  readListQuery,
} from "../../routes/tasks/(_parts)/list_query.ts";
import { line } from "./store.ts";

const query = (address: string) => readListQuery(new URLSearchParams(address));

Deno.test("a URL round-trips without filters that have no effect", () => {
  const address = "q=a+b&status=failed&processor=pro&output=json&from=2026-01-02&to=2026-01-03";
  assertStrictEquals(listHref(query(`${address}&page=7&cursor=`)), `/tasks?${address}`);
  assertStrictEquals(listHref(query("q=+&status=")), "/tasks");
  assertStrictEquals(listHref(query("q=x&cursor=c"), { cursor: "" }), "/tasks?q=x");
});

Deno.test("dates are whole UTC days, the last one included", () => {
  const { from_ms, to_ms } = datesOf(query("from=2026-01-02&to=2026-01-02"));
  assertEquals([from_ms, to_ms], [Date.UTC(2026, 0, 2), Date.UTC(2026, 0, 3)]);
  const at = (ms: number) => fits(query("from=2026-01-02&to=2026-01-02"), line({ created_ms: ms }));
  assertEquals([from_ms! - 1, from_ms!, to_ms! - 1, to_ms!].map(at), [
    false,
    true,
    true,
    false,
  ]);
});

for (const address of ["from=2026-02-30", "from=yesterday", "from=2026-01-03&to=2026-01-02"]) {
  Deno.test(`${address} is reported as invalid`, () => {
    assertStrictEquals(Object.keys(listProblems(query(address))).length, 1);
    // Nor does a live list take a new run in.
    assertStrictEquals(fits(query(address), line({ created_ms: Date.UTC(2026, 0, 2) })), false);
  });
}

const run = (created_ms: number, more = {}) => line({ created_ms, status: "running", ...more });
const ids = ({ runs }: ListState) => runs.map(({ created_ms }) => created_ms);

Deno.test("a new run appears on the first page, ordered by creation", () => {
  const place = { query: query(""), hasOlder: true };
  let state: ListState = { runs: [run(5), run(3)], fresh: [] };
  state = applyChange(state, { kind: "created", run: run(9) }, place);
  state = applyChange(state, { kind: "created", run: run(4) }, place);
  state = applyChange(state, { kind: "changed", run: run(1) }, place);
  assertEquals(ids(state), [9, 5, 4, 3], "what is older than the page is on the next one");
  state = applyChange(state, { kind: "changed", run: run(1) }, { ...place, hasOlder: false });
  assertEquals(ids(state), [9, 5, 4, 3, 1]);
});

Deno.test("a run on the page updates in place, filtered or not, and disappears when removed", () => {
  const place = { query: query("status=running"), hasOlder: false };
  let state: ListState = { runs: [run(5), run(3)], fresh: [] };
  state = applyChange(state, { kind: "changed", run: run(3, { status: "completed" }) }, place);
  assertEquals(state.runs.map(({ status }) => status), ["running", "completed"]);
  state = applyChange(state, { kind: "changed", run: run(7, { status: "failed" }) }, place);
  assertEquals(ids(state), [5, 3], "it does not fit");
  state = applyChange(state, { kind: "removed", run_id: run(5).run_id }, place);
  assertEquals(ids(state), [3]);
});

Deno.test("a long page counts new runs instead of growing", () => {
  const place = { query: query(""), hasOlder: false };
  let state: ListState = { runs: [], fresh: [] };
  for (let created = 1; created <= MAX_SHOWN + 2; created++) {
    state = applyChange(state, { kind: "created", run: run(created) }, place);
  }
  assertEquals([state.runs.length, state.fresh.length], [MAX_SHOWN, 2]);
  state = applyChange(state, { kind: "changed", run: run(7, { progress: 50 }) }, place);
  assertStrictEquals(state.runs.find(({ created_ms }) => created_ms === 7)?.progress, 50);
});

Deno.test("on later pages and in searches, new runs are counted but not shown", () => {
  for (const address of ["cursor=older.1.x", "q=words"]) {
    const place = { query: query(address), hasOlder: false };
    let state: ListState = { runs: [run(5)], fresh: [] };
    for (const created of [8, 9, 9]) {
      state = applyChange(state, { kind: "created", run: run(created) }, place);
    }
    assertEquals([ids(state), state.fresh.length], [[5], 2]);
    state = applyChange(state, { kind: "removed", run_id: run(9).run_id }, place);
    assertStrictEquals(state.fresh.length, 1);
  }
});

Deno.test("while the pointer or the focus is in the list, new runs are counted but not shown", () => {
  const place = { query: query("status=failed"), hasOlder: true };
  let state: ListState = { runs: [run(5, { status: "failed" })], fresh: [] };
  const failed = (created_ms: number, isHeld: boolean) => {
    const change = { kind: "changed", run: run(created_ms, { status: "failed" }) } as const;
    state = applyChange(state, change, { ...place, isHeld });
  };
  for (const created of [3, 8, 8]) failed(created, true);
  assertEquals([ids(state), state.fresh.length], [[5], 1]);
  // One that comes later does not pass them.
  failed(9, false);
  assertEquals([ids(state), state.fresh.length], [[5], 2]);
});
