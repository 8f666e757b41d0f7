/**
 * The middlewares around all routes.
 *
 * @module
 */
export { acceptsGzip, createCompression } from "./compression.ts";
export { createGuard } from "./guard.ts";
export { lastResort } from "./last_resort.ts";
export {
  bodyLimit,
  largeViews,
  requestLimit,
  signInLimit,
  streamLimit,
  tokenLimit,
  TooManyRequests,
} from "./limits.ts";
export { requestLog } from "./request_log.ts";
export { applyForwarded, refuseSpeculative } from "./requests.ts";
export { contentSecurityPolicy, ownOrigin, securityHeaders } from "./security.ts";
export { acceptedKey, isStillSignedIn, session, streamOwner } from "./session.ts";
