/**
 * Helpers for all modules: JSON with bounds, bodies, timers, dates, logs, number formats. They know nothing about
 * the app.
 *
 * @module
 */
export { BODY_MS, type BodyLimits, MAX_BODY_BYTES, readBody } from "./body.ts";
export { beginning, bytes, clock, cut } from "./clock_and_texts.ts";
export { dollars, isRealDate, isShownTime, utcDay } from "./dollars_and_days.ts";
export { containing, fold, type Folded } from "./fold.ts";
export { boundaryOf, formData, FormError, indexOfBytes } from "./form.ts";
export { count, duration, elapsed, groupDigits, percent, UNKNOWN } from "./format.ts";
export {
  attachment,
  EVENT_STREAM_HEADERS,
  isEventStream,
  isOwnRequest,
  isSpeculative,
  SAFE_METHODS,
  UNBUFFERED,
} from "./http.ts";
export { InFlight } from "./in_flight.ts";
export {
  checkJson,
  isLossy,
  isSameNumber,
  JSON_BOUNDS,
  type JsonBounds,
  JsonBoundsError,
  readJson,
  readVerbatim,
  REQUEST_BOUNDS,
  UNBOUNDED,
} from "./json.ts";
export { inOrder } from "./json_order.ts";
export {
  cutJson,
  isSameJson,
  jsonBeginning,
  jsonLength,
  jsonPieces,
  JsonText,
  JsonWork,
  stringPieces,
} from "./json_pieces.ts";
export {
  type JsonPositions,
  lineOf,
  locateJson,
  parseTyped,
  repeatedName,
} from "./json_positions.ts";
export { readingVerbatim } from "./json_reading.ts";
export { memberSpan } from "./json_span.ts";
export {
  isNumber,
  isObject,
  isStringArray,
  type JsonObject,
  Numeral,
  ownMember,
  withDoubles,
} from "./json_types.ts";
export {
  atPointer,
  isTooDeep,
  jsonChars,
  MAX_DEPTH,
  parseJson,
  pointerStep,
} from "./json_values.ts";
export { createLog, type Log, type LogLevel, reasonOf, redactedLog, writeLine } from "./log.ts";
export { ago, exact } from "./time_ago.ts";
export {
  atOnce,
  decoding,
  inTurns,
  joinedPieces,
  nextTurn,
  paced,
  pauses,
  slices,
  textStream,
  turnsAfter,
} from "./paced.ts";
export { type Place, Queue } from "./queue.ts";
export { allDone, pause, restartMs, ReusedTimers, SYSTEM_TIMERS, type Timers } from "./timers.ts";
