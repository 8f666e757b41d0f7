/** Every documented limit of the Task API, named after what it limits. Pure. */

/**
 * The decoded size of a response (bytes). The API documents no limit. The largest known results have 5 MB,
 * and a response of this size still parses within 200 ms.
 */
export const ANSWER_BYTES = 16 * 1024 * 1024;
/**
 * Values in a result: ten times as many as in the largest known one. A larger result is shown as its text,
 * because showing its values would block all other work for seconds.
 */
export const RESULT_VALUES = 120_000;
/** Characters of a metadata key. */
export const METADATA_KEY_CHARS = 16;
/** Characters of a string in metadata values. */
export const METADATA_VALUE_CHARS = 512;
/** Included and excluded domains together. */
export const DOMAINS = 200;
/** MCP servers of one run. */
export const MCP_SERVERS = 10;
/** Characters of `task_spec` as JSON. */
export const TASK_SPEC_CHARS = 15_000;
/** Characters of `task_spec` and `input` together, as JSON. */
export const TASK_SPEC_AND_INPUT_CHARS = 25_000;
/** Characters of `memory_scope_key`. */
export const MEMORY_SCOPE_KEY_CHARS = 128;

/** Nesting depth of objects in an output schema, including the root. */
export const SCHEMA_DEPTH = 5;
/** Properties of an output schema, over all levels. */
export const SCHEMA_PROPERTIES = 100;
/** Characters of all names and fixed values in an output schema. */
export const SCHEMA_STRING_CHARS = 25_000;
/** Enum values in an output schema, over all enums. */
export const ENUM_VALUES = 500;
/** An enum with more values than this may hold at most {@linkcode LARGE_ENUM_CHARS}. */
export const LARGE_ENUM_VALUES = 250;
/** Characters of all values of one large enum. */
export const LARGE_ENUM_CHARS = 7_500;

/** JSON Schema keywords that an output schema cannot use. */
export const UNSUPPORTED_KEYWORDS: readonly string[] = [
  "contains",
  "format",
  "maxContains",
  "maxItems",
  "maxLength",
  "maxProperties",
  "maximum",
  "minContains",
  "minItems",
  "minLength",
  "minProperties",
  "minimum",
  "multipleOf",
  "pattern",
  "patternProperties",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
  "uniqueItems",
];

/** Output fields that repeat what every result's basis contains. They cause a warning. */
export const BASIS_FIELDS: readonly string[] = [
  "citations",
  "confidence",
  "evidence",
  "reasoning",
  "source",
  "sources",
  "source_urls",
];

/** How long one event stream stays open (seconds). Then it is closed and the client reconnects. */
export const STREAM_SECONDS = 570;
/** How long `/result` blocks by default (seconds). */
export const RESULT_TIMEOUT_SECONDS = 600;
