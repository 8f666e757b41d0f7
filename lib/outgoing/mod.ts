/**
 * Requests to user-supplied URLs. They reach only public addresses.
 *
 * @module
 */
export { type Allowed, type AllowedNets, isPublicAddress, readAllowed } from "./addresses.ts";
export {
  describeResponse,
  Outgoing,
  type OutgoingOptions,
  type OutgoingRequest,
  type OutgoingResult,
  type Resolve,
  type UrlCheck,
} from "./outgoing.ts";
