import { signInLimit } from "../../lib/middleware/limits.ts";

export default signInLimit;
