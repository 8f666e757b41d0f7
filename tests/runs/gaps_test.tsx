/** A page says where its trace was not recorded as it happened. */
import assert from "node:assert/strict";
import { Gaps } from "../../components/run/Gaps.tsx";
import { resultJson } from "../../lib/exports/result_json.ts";
import type { RecordingGap } from "../../lib/runs/model.ts";
import { htmlOf, runPage } from "../pages/fixtures.ts";

const GAP: RecordingGap = {
  after: 12,
  from_ms: Date.UTC(2026, 10, 25, 8, 0, 0),
  to_ms: Date.UTC(2026, 10, 25, 8, 3, 5),
};

Deno.test("a gap in the recording says how long, when, after what, and what is missing", () => {
  const text = htmlOf(<Gaps gaps={[GAP]} />).replace(/<[^>]+>/g, "");
  assert.match(text, /Nobody recorded for 3 min 5 s after event 12/);
  assert.match(text, /from 2026-11-25 08:00:00 UTC to 2026-11-25 08:03:05 UTC/);
  assert.match(text, /none is missing; figures and states\s+of that time are/);
});

Deno.test("a trace without gaps says nothing of them", () => {
  assert.equal(htmlOf(<Gaps />), "");
});

Deno.test("result.json tells of gaps as data", () => {
  assert.deepEqual(resultJson({ ...runPage([]), gaps: [GAP] }, null).run.recording_gaps, [GAP]);
});
