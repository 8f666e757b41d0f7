/**
 * `/api`: serves the Task API's paths, so that the official SDK works with this app as its
 * base URL. Creates are recorded, events come from our log, everything else passes through.
 *
 * @module
 */
export { handleApi } from "./handler.ts";
export { type ProxyContext, proxyContext } from "./context.ts";
export { optionsResponse, withCors } from "./cors.ts";
export {
  type Caller,
  isForPrograms,
  isKeyShaped,
  isMcpPath,
  keyCaller,
  ownKeyOf,
} from "./credentials.ts";
export { apiError } from "./headers.ts";
export { eventsResponse, lastEventId, lastEventNumber } from "./events.ts";
export { KeyAttempts } from "./key_attempts.ts";
