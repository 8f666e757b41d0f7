/**
 * The task form's fields: names, values, problems, links, examples, MCP servers. Runs in a browser.
 *
 * @module
 */
export { example, EXAMPLES } from "./examples.ts";
export {
  checkForm,
  type FormField,
  type FormProblems,
  formRequest,
  formValuesFrom,
  parseTaskForm,
  readValues,
  requestOf,
  type TaskFormValues,
} from "./form.ts";
export { formLink, valuesFromQuery } from "./link.ts";
export { hasMaskedHeader, MASKED, maskServers, maskServersText } from "./mcp_headers.ts";
export { holdsServers, serverList } from "./mcp_servers.ts";
export { emptyForm, FORM_FIELDS } from "./names.ts";
export {
  type MetadataRow,
  readMetadata,
  readServers,
  type ServerRow,
  writeMetadata,
  writeServers,
} from "./option_rows.ts";
