import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  historyKey,
  joinHistory,
  outputTypeOf,
  readHistory,
  titleOf,
} from "../../../lib/runs/history/mod.ts";
import type { RunSummary } from "../../../lib/runs/model/model.ts";
import type { TaskRunInput } from "../../../lib/parallel/types.ts";

const input = (value: TaskRunInput["input"]): TaskRunInput => ({ input: value, processor: "lite" });

const TITLES: readonly [value: TaskRunInput["input"], title: string][] = [
  ["One line", "One line"],
  ["  First line\nsecond line", "First line"],
  ["", ""],
  [{ company: "Acme", founded: 1999, tags: ["a"] }, 'Acme, founded: 1999, tags: ["a"]'],
  [{ organisation: " Acme ", country: "Norway" }, "Acme, Norway"],
  [{ empty: "", year: 1999, city: "Oslo" }, "year: 1999, Oslo"],
  [{ empty: "  " }, ""],
  ["x".repeat(200), `${"x".repeat(139)}…`],
];

for (const [value, title] of TITLES) {
  Deno.test(`the title of ${JSON.stringify(value).slice(0, 40)} is ${JSON.stringify(title.slice(0, 20))}`, () => {
    assertStrictEquals(titleOf(input(value)), title);
  });
}

Deno.test("the output type is detected for every form of the request", () => {
  const spec = (output_schema: unknown) =>
    ({ ...input("x"), task_spec: { output_schema } }) as TaskRunInput;
  const cases: readonly [TaskRunInput, string][] = [
    [input("x"), "auto"],
    [spec({ type: "auto" }), "auto"],
    [spec("a sentence"), "text"],
    [spec({ type: "text" }), "text"],
    [spec({ type: "json", json_schema: {} }), "json"],
    [spec({ json_schema: {} }), "json"],
  ];
  for (const [task, type] of cases) {
    assertStrictEquals(outputTypeOf(task), type, JSON.stringify(task));
  }
});

function summary(created_ms: number): RunSummary {
  return {
    run_id: `trun_${created_ms}`,
    title: "T",
    status: "completed",
    processor: "lite",
    price_usd: null,
    output_type: "auto",
    progress: null,
    sources_considered: null,
    sources_read: null,
    created_ms,
    ended_ms: null,
    simulated: false,
  };
}

async function withHistory(count: number, test: (kv: Deno.Kv) => Promise<void>) {
  using kv = await Deno.openKv(":memory:");
  for (let i = 1; i <= count; i++) {
    await kv.atomic().mutate(...joinHistory("a", summary(i), { nowMs: i }).mutations).commit();
  }
  await kv.set(historyKey("b", 99, "trun_99"), summary(99));
  await test(kv);
}

const created = (page: { runs: readonly RunSummary[] }) => page.runs.map((run) => run.created_ms);

Deno.test("paging forward and back shows every run once, in the same place", () =>
  withHistory(10, async (kv) => {
    const read = (cursor: string | null) => readHistory(kv, "a", { cursor, limit: 4 });
    const first = await read(null);
    const second = await read(first.next);
    const third = await read(second.next);
    assertEquals([first, second, third].map(created), [[10, 9, 8, 7], [6, 5, 4, 3], [2, 1]]);
    assertEquals([first.prev, third.next], [null, null]);
    const back = await read(third.prev);
    assertEquals(created(back), created(second));
    assertEquals(created(await read(back.prev)), created(first));
    assertStrictEquals((await read(back.prev)).prev, null);
  }));

Deno.test("a new run does not move older pages", () =>
  withHistory(6, async (kv) => {
    const first = await readHistory(kv, "a", { limit: 3 });
    await kv.set(historyKey("a", 7, "trun_7"), summary(7));
    assertEquals(created(await readHistory(kv, "a", { cursor: first.next, limit: 3 })), [
      3,
      2,
      1,
    ]);
  }));

for (
  const cursor of ["", "x", "older.1", "older.x.y", "sideways.1.a", "older.99999999999999999.a"]
) {
  Deno.test(`an invalid cursor ${JSON.stringify(cursor)} gives the newest page`, () =>
    withHistory(3, async (kv) => {
      assertEquals(created(await readHistory(kv, "a", { cursor })), [3, 2, 1]);
    }));
}

Deno.test("an account without runs has one empty page", () =>
  withHistory(0, async (kv) => {
    assertEquals(await readHistory(kv, "a", {}), { runs: [], next: null, prev: null });
  }));
