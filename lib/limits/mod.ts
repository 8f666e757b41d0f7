/**
 * Rate limits for clients and accounts.
 *
 * @module
 */
export { type ClientSubject, clientSubject } from "./address.ts";
export { Creates, type Creator, type Entry, type SandboxState } from "./creates.ts";
export { type Admission, Limiter, type LimiterContext } from "./limiter.ts";
export { type AddressLimit, NETWORK_FACTOR } from "./address_limit.ts";
export { createLimits, type Limits } from "./limits.ts";
export type { Weigh } from "./views.ts";
