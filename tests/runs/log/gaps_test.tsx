/** Pages report the gaps in their recording. */
import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { Gaps, GroupNote } from "../../../components/run/FoldedTrace.tsx";
import { resultJson } from "../../../lib/exports/result_json.ts";
import type { RecordingGap } from "../../../lib/runs/model/model.ts";
import { htmlOf, runPage } from "../../pages/fixtures.ts";
import { plan } from "../log_tools.ts";
import { reportMarkdown, traceLines } from "../../exports/whole.ts";

const GAP: RecordingGap = {
  after: 12,
  from_ms: Date.UTC(2026, 10, 25, 8, 0, 0),
  to_ms: Date.UTC(2026, 10, 25, 8, 3, 5),
};

Deno.test("a gap in the recording shows its length, time, position and what is missing", () => {
  const text = htmlOf(<Gaps gaps={[GAP]} />).replace(/<[^>]+>/g, "");
  assertMatch(text, /Not recorded for 3 min 5 s after event 12/);
  assertMatch(text, /from 2026-11-25 08:00:00 UTC to 2026-11-25 08:03:05 UTC/);
  assertMatch(text, /events may be\s+missing/);
  assertMatch(htmlOf(<Gaps gaps={[{ ...GAP, after: 0 }]} />), /Not recorded for 3 min 5 s, from/);
});

Deno.test("a trace without gaps does not mention gaps", () => {
  assertStrictEquals(htmlOf(<Gaps />), "");
});

Deno.test("result.json contains gaps as data", () => {
  assertEquals(resultJson({ ...runPage([]), gaps: [GAP] }, null).run.recording_gaps, [GAP]);
});

Deno.test("report.md lists gaps among the run's facts", () => {
  const report = reportMarkdown({ ...runPage([]), gaps: [GAP] });
  assertMatch(report, /\| Not recorded \| 2026-11-25 08:00:00 UTC to 2026-11-25 08:03:05 UTC \|/);
  assertNotMatch(reportMarkdown(runPage([])), /Not recorded/);
});

Deno.test("trace.ndjson marks the event after a gap, and reads back the same as without the mark", () => {
  const events = [1, 2].map((id) => ({
    id,
    received_ms: id,
    type: "task_run.progress_msg.plan",
    data: plan(`m${id}`),
  }));
  const gap = { ...GAP, after: 1 };
  const [first, second] = [...traceLines({ ...runPage(events), gaps: [gap] })];
  assertStrictEquals(JSON.parse(first!).gap, undefined);
  assertEquals(JSON.parse(second!).gap, { from_ms: GAP.from_ms, to_ms: GAP.to_ms });
  assertEquals(JSON.parse(second!).event, JSON.parse(plan("m2")));
});

Deno.test("a group's run explains why it has no progress events, unless it has some", () => {
  const { run, view } = runPage([]);
  const ofGroup = { ...run, group_id: "tgrp_1" };
  assertMatch(htmlOf(<GroupNote run={ofGroup} view={view} />), /part of a group/);
  assertStrictEquals(htmlOf(<GroupNote run={run} view={view} />), "");
  const counts = { ...view.counts, plan: 1 };
  assertStrictEquals(htmlOf(<GroupNote run={ofGroup} view={{ ...view, counts }} />), "");
});
