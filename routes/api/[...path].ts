import { HttpError } from "fresh";
import { define } from "../../lib/state.ts";

/** Never called: it makes the folder's middleware handle every path and method. */
export const handler = define.handlers(() => {
  throw new HttpError(404);
});
