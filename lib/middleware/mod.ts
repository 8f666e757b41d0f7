/**
 * The middlewares around all routes.
 *
 * @module
 */
export { asForwarded } from "./forwarded.ts";
export { createGuard } from "./guard.ts";
export { lastResort } from "./last_resort.ts";
export {
  largeViews,
  requestLimit,
  signInLimit,
  streamLimit,
  tokenLimit,
  TooManyRequests,
} from "./limits.ts";
export { ownOrigin } from "./origin.ts";
export { requestLog } from "./request_log.ts";
export { contentSecurityPolicy, securityHeaders } from "./security.ts";
export { acceptedKey, isStillSignedIn, session } from "./session.ts";
export { isSpeculative, notAhead } from "./speculative.ts";
export { streamOwner } from "./stream_owner.ts";
