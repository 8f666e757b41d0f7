/**
 * Signing in with Parallel.
 *
 * @module
 */
export { ParallelLogin } from "./login.ts";
export type { LoginEnd, LoginStart } from "./login.ts";
export type { LoginFailure, LoginProblem } from "./problem.ts";
