import { signInLimit } from "../../lib/middleware/limits.ts";
import { notAhead } from "../../lib/middleware/speculative.ts";
import { define } from "../../lib/state.ts";

export default define.middleware([notAhead, signInLimit]);
