import { define } from "../../../lib/state.ts";
import { downloads } from "./(_parts)/download.ts";

/** The table as an Excel workbook. */
export const handler = define.handlers({
  GET: downloads("xlsx", (batches, ...args) => batches.xlsx(...args)),
});
