/**
 * Schedules run a task or batch repeatedly. Watches let Parallel do it.
 *
 * @module
 */
export { Schedules, type SchedulesContext } from "./schedules.ts";
export { changedWords } from "./comparisons.ts";
export { isQuiet } from "./store.ts";
export { cronProblem } from "./cron.ts";
export {
  EVERY,
  type Every,
  inZone,
  nextTimes,
  timesAMonth,
  type Timing,
  timingWords,
  WEEKDAYS,
  zoneNamed,
  zones,
} from "./times.ts";
export { MAX_SIMULATED, MAX_WATCHES, Watches, type WatchList } from "./watches.ts";
export { FREQUENCIES, MAX_SCHEDULES, SANDBOX } from "./types.ts";
export type {
  Firing,
  Schedule,
  ScheduleNotice,
  ScheduleProblem,
  ScheduleSettings,
  Target,
  Watch,
  WatchProblem,
} from "./types.ts";
