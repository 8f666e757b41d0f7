/**
 * Parallel's Task API: types, client, errors, processors, limits, webhooks, groups.
 *
 * @module
 */
export { type ApiResult, TaskClient } from "./client.ts";
export {
  type GroupEvent,
  GroupStreamError,
  type GroupStreamOptions,
} from "./client_group_streams.ts";
export { adviceFor, type ApiFailure, errorBody, mayHaveCreated, withoutKey } from "./errors.ts";
export {
  type AddedRuns,
  GROUP_INPUTS,
  type GroupRunsInput,
  type GroupStatus,
  readAddedRuns,
  type TaskGroup,
} from "./group.ts";
export {
  ANSWER_BYTES,
  BASIS_FIELDS,
  DOMAINS,
  ENUM_VALUES,
  LARGE_ENUM_CHARS,
  LARGE_ENUM_VALUES,
  MCP_SERVERS,
  MEMORY_SCOPE_KEY_CHARS,
  METADATA_KEY_CHARS,
  METADATA_VALUE_CHARS,
  RESULT_TIMEOUT_SECONDS,
  SCHEMA_DEPTH,
  SCHEMA_PROPERTIES,
  SCHEMA_STRING_CHARS,
  STREAM_SECONDS,
  TASK_SPEC_AND_INPUT_CHARS,
  TASK_SPEC_CHARS,
  UNSUPPORTED_KEYWORDS,
} from "./limits.ts";
export {
  type Monitor,
  MONITOR_PRICES,
  type MonitorEvent,
  type MonitorPage,
  type MonitorProcessor,
} from "./monitors.ts";
export {
  fastOf,
  priceOf,
  type Processor,
  processor,
  PROCESSORS,
  standardOf,
} from "./processors.ts";
export { readingInputText, readingOutputText, readOutput, readRunInput } from "./read.ts";
export { readRun } from "./read_run.ts";
export {
  type Citation,
  type ErrorObject,
  type FieldBasis,
  isTerminal,
  type McpServer,
  type McpToolCall,
  type Metadata,
  type RunStatus,
  STATUSES,
  type TaskRun,
  type TaskRunInput,
  type TaskRunOutput,
  type TaskSpec,
  type Warning,
} from "./types.ts";
export { readWebhookSecret, webhookSecretProblem } from "./webhook_secret.ts";
export { readSignature, signWebhook, verifyWebhook } from "./webhooks.ts";
