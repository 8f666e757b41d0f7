/**
 * What a live page loads when it is first needed: a tab is hidden, a notification wished for, the trace
 * searched, the run at its end. One file, for each more costs its name.
 */
export { findInTrace } from "./find.ts";
export { keepPlace } from "./keep.ts";
export { tellEnd, wishNotification } from "./tab.ts";
