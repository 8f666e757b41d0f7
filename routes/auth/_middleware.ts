import { notAhead, signInLimit } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";

export default define.middleware([notAhead, signInLimit]);
