import { signInLimit, tokenLimit } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";

export default define.middleware([signInLimit, tokenLimit]);
