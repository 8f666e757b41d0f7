import { signInLimit } from "../../lib/middleware/mod.ts";

export default signInLimit;
