import { refuseSpeculative, signInLimit } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";

export default define.middleware([refuseSpeculative, signInLimit]);
