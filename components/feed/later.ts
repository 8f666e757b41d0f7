/**
 * What a live page loads when somebody first needs it: a tab is hidden, a notification wished for, the
 * trace searched. One file, for each more costs its name.
 */
export { findInTrace } from "./find.ts";
export { tellEnd, wishNotification } from "./tab.ts";
