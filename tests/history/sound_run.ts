/** A valid run, as an export file contains it. */
export const SOUND = {
  run_id: "trun_a",
  interaction_id: "trun_a",
  processor: "lite",
  status: "completed",
  created_ms: 1,
  ended_ms: 2,
  input: { input: "?", processor: "lite" },
  output: null,
  events: [],
};
