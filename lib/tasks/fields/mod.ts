/**
 * The table of a task's fields (`table.ts`), and its readers: the form, the API's rules, links. Runs in a browser.
 *
 * @module
 */
export { example, EXAMPLES } from "./examples.ts";
export type { Control, FieldGroup, Problem } from "./field.ts";
export { isInteractionId } from "./checks.ts";
export { hasKnownTypes, normaliseRequest } from "./foreign.ts";
export { checkForm, type FormProblems, formRequest, parseTaskForm, readValues } from "./form.ts";
export { domainProblem, isPrivateHost, normaliseDomain, splitDomains } from "./hosts.ts";
export { formLink, valuesFromQuery } from "./link.ts";
export {
  hasMaskedHeader,
  holdsServers,
  MASKED,
  maskServers,
  maskServersText,
  serverList,
} from "./mcp.ts";
export {
  type MetadataRow,
  readMetadata,
  readServers,
  type ServerRow,
  writeMetadata,
  writeServers,
} from "./option_rows.ts";
export { formValuesFrom, HOLDERS, requestOf } from "./request.ts";
export {
  eachField,
  emptyForm,
  FIELDS,
  FORM_FIELDS,
  type FormField,
  type TaskFormValues,
} from "./table.ts";
export { validateTaskInput } from "./validate.ts";
