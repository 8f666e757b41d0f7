/**
 * Requests to user-supplied URLs. They reach only public addresses.
 *
 * @module
 */
export { type Allowed, isPublicAddress, readAllowed } from "./addresses.ts";
export {
  describeResponse,
  Outgoing,
  type OutgoingOptions,
  type OutgoingResult,
} from "./outgoing.ts";
