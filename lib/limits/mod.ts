/**
 * Rate limits for clients and accounts.
 *
 * @module
 */
export { type ClientSubject, clientSubject } from "./address.ts";
export { type AddressLimit } from "./address_limit.ts";
export { Creates, type Creator, type Entry, type SandboxState } from "./creates.ts";
export { Limiter, type LimiterContext } from "./limiter.ts";
export { createLimits, type Limits } from "./limits.ts";
export { AddressSlots, StreamSlots } from "./stream_slots.ts";
export { Scratch } from "./scratch.ts";
export { Spool } from "./spool.ts";
export { LargeViews, View, ViewsBusyError, type Weigh, weighEvents } from "./views.ts";
