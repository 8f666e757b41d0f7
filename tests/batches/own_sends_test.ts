/** Which runs of an adopted group were sent from here: others are taken in. */
import { assertStrictEquals } from "@std/assert";
import { applyBatchEvent, emptyBatchView } from "../../lib/batches/model/mod.ts";
import { isOwnSend } from "../../lib/batches/service/look_up.ts";

/** Row 1 with the run that was adopted, and with attempts that were sent from here. */
function rowWith(...attempts: readonly (readonly [run_id: string | null, status: string])[]) {
  let view = emptyBatchView("adopted", 1);
  const all = [["adopted", "completed"], ...attempts] as const;
  all.forEach(([run_id, status], at) => {
    const rows = [{ row: 1, attempt: at + 1, run_id, status }];
    view = applyBatchEvent(view, { id: view.lastId + 1, at_ms: 1, type: "rows", data: { rows } });
  });
  return { view, head: { chunk: null } } as unknown as Parameters<typeof isOwnSend>[0];
}

const TABLE = {
  isTaken: (runId: string) => runId === "adopted",
  now: { rows: [{ run_id: "adopted" }] },
} as unknown as Parameters<typeof isOwnSend>[1];

const CASES: readonly [
  what: string,
  log: ReturnType<typeof rowWith>,
  attempt: number,
  run_id: string,
  isOwn: boolean,
][] = [
  ["the newest run", rowWith(["ours", "completed"]), 2, "ours", true],
  ["another run of the newest attempt", rowWith(["ours", "completed"]), 2, "theirs", false],
  ["a run whose response was lost", rowWith([null, "sent"]), 2, "any", true],
  ["an earlier run", rowWith(["ours", "completed"], ["newer", "running"]), 2, "ours", true],
  [
    "a late run of another Taskstream, with the number of an earlier run",
    rowWith(["ours", "completed"], ["newer", "running"]),
    2,
    "theirs",
    false,
  ],
  ["an earlier run that failed", rowWith(["ours", "failed"], ["newer", "running"]), 2, "any", true],
  ["a run that was not sent from here", rowWith(), 2, "theirs", false],
  ["the run that was adopted", rowWith(), 1, "adopted", false],
];

for (const [what, log, attempt, run_id, isOwn] of CASES) {
  Deno.test(`${what} is ${isOwn ? "ours" : "taken in"}`, () => {
    assertStrictEquals(isOwnSend(log, TABLE, { row: 1, attempt, run_id }), isOwn);
  });
}
