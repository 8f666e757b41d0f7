import { HttpError } from "fresh";
import { define } from "../../lib/state.ts";

/** Never reached: it makes the folder's middleware stand before every path and method. */
export const handler = define.handlers(() => {
  throw new HttpError(404);
});
