import { define } from "../../../lib/state.ts";
import { downloads } from "./(_parts)/download.ts";

/** The table as CSV. */
export const handler = define.handlers({
  GET: downloads("csv", (batches, ...args) => batches.csv(...args)),
});
