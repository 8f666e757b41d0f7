/**
 * A run's events and the one reducer over them. Pure; runs in a browser.
 *
 * @module
 */
export { applyEvent, countKinds, isQuery, type LiveView, type PayloadReader } from "./apply.ts";
export { Coverage } from "./coverage.ts";
export { type Digest, digestEvents, emptyDigest } from "./digest.ts";
export {
  asRecord,
  EVENT_TYPE_CHARS,
  isActiveStatus,
  isRunId,
  type LogEvent,
  momentOf,
  numberOf,
  sentPayloadOf,
  STATUS_CHARS,
} from "./event.ts";
export {
  eachCombination,
  eachFacet,
  type FacetName,
  FACETS,
  type Facets,
  facetsDiffer,
  type FacetValues,
  facetValues,
  matchesFacets,
} from "./facets.ts";
export { EVENT_KINDS, type EventKind, kindFilters, kindOf, KINDS } from "./kinds.ts";
export { matching } from "./matching.ts";
export type {
  BatchPlace,
  BudgetState,
  DayFigures,
  Excerpt,
  Figures,
  HistoryPage,
  OutputType,
  PeriodFigures,
  ProcessorFigures,
  RecordingGap,
  RunPage,
  RunRequest,
  RunSource,
  RunSummary,
  SearchPage,
  StoredRun,
  TracedPage,
  TracePart,
  TraceQuery,
  Unsearched,
} from "./model.ts";
export { cutResult, withResult } from "./result_splice.ts";
export { beginsStep, foldSteps, NO_STEP, type OpenStep, placeEvent, type Step } from "./steps.ts";
export {
  type Lane,
  LANES,
  type SourcesAt,
  type Span,
  type Timeline,
  type TimelineFold,
  timelineOf,
} from "./timeline.ts";
export {
  applyStored,
  emptyView,
  foldEvents,
  LOST,
  mayHaveMore,
  type Notice,
  payloadOf,
  type RunView,
  WAITS,
} from "./view.ts";
