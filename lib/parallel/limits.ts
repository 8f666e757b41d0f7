/** Every limit that the Task API documents, by the name of what it limits. Pure. */

/**
 * Bytes of an answer, decoded. The API documents no limit; the largest results that are known have 5 MB,
 * and an answer of this size is still parsed within 200 ms.
 */
export const ANSWER_BYTES = 16 * 1024 * 1024;
/** Characters of a metadata key. */
export const METADATA_KEY_CHARS = 16;
/** Characters of a metadata value that is text. */
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

/** Objects inside objects of an output schema, the root counted. */
export const SCHEMA_DEPTH = 5;
/** Properties of an output schema, all levels together. */
export const SCHEMA_PROPERTIES = 100;
/** Characters of all names and fixed values of an output schema together. */
export const SCHEMA_STRING_CHARS = 25_000;
/** Enum values of an output schema, all enums together. */
export const ENUM_VALUES = 500;
/** An enum with more values than this may hold at most {@linkcode LARGE_ENUM_CHARS}. */
export const LARGE_ENUM_VALUES = 250;
/** Characters of all values of one large enum. */
export const LARGE_ENUM_CHARS = 7_500;

/** JSON Schema keywords that an output schema may not use. */
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

/** Output fields that say again what every result's basis says anyway: a warning. */
export const BASIS_FIELDS: readonly string[] = [
  "citations",
  "confidence",
  "evidence",
  "reasoning",
  "source",
  "sources",
  "source_urls",
];

/** How long one event stream stays open (seconds), then it is cut and the client connects again. */
export const STREAM_SECONDS = 570;
/** How long `/result` blocks where the request does not say (seconds). */
export const RESULT_TIMEOUT_SECONDS = 600;
