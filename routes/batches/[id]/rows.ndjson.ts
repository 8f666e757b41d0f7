import { define } from "../../../lib/state.ts";
import { downloads } from "./(_parts)/download.ts";

/** The rows as one JSON object per line. */
export const handler = define.handlers({
  GET: downloads("ndjson", (batches, ...args) => batches.ndjson(...args)),
});
