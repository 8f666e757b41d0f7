/**
 * What is pure about batches: tables, inputs, results as cells, what is known of the rows. Runs in a
 * browser.
 *
 * @module
 */
export * from "./inputs.ts";
export * from "./limits.ts";
export * from "./outputs.ts";
export { type BatchProgress, isOver, type Pace, progressOf } from "./pace.ts";
export * from "./select.ts";
export * from "./suggest.ts";
export * from "./table.ts";
export * from "./view.ts";
