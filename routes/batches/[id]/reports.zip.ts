import { define } from "../../../lib/state.ts";
import { downloads } from "./(_parts)/download.ts";

/** One report per row with a run. */
export const handler = define.handlers({
  GET: downloads("zip", (batches, ...args) => batches.reports(...args)),
});
