/**
 * The Task API's rules for a request, checked before it is sent. Runs in a browser.
 *
 * @module
 */
export { domainProblem, normaliseDomain, splitDomains } from "./domains.ts";
export { isPrivateHost } from "./private_host.ts";
export { type Problem, validateTaskInput } from "./validate.ts";
