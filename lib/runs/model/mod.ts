/**
 * A run's events and the one reducer over them. Pure; runs in a browser.
 *
 * @module
 */
export { applyEvent, type PayloadReader, type RunView } from "./apply.ts";
export { Coverage } from "./coverage.ts";
export {
  asRecord,
  EVENT_KINDS,
  type EventKind,
  isActiveStatus,
  isRunId,
  kindOf,
  type LogEvent,
  numberOf,
  sentPayloadOf,
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
} from "./facets.ts";
export type {
  AnswerField,
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
  Unsearched,
} from "./model.ts";
export { cutResult, withResult } from "./result_splice.ts";
export { applyStored, emptyView, foldEvents, LOST, type Notice, payloadOf } from "./view.ts";
