/**
 * Requests to addresses that users enter. They reach public addresses only.
 *
 * @module
 */
export { type Allowed, type AllowedNets, isPublicAddress, readAllowed } from "./addresses.ts";
export {
  type Answer,
  answerWords,
  Outgoing,
  type OutgoingOptions,
  type OutgoingRequest,
  type Resolve,
  type UrlCheck,
} from "./outgoing.ts";
