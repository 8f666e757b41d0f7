import { define } from "../../../lib/state.ts";
import { downloads } from "./(_parts)/download.ts";

/** A report for each row that has a run. */
export const handler = define.handlers({
  GET: downloads("zip", (batches, ...args) => batches.reports(...args)),
});
