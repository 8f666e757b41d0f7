/**
 * What is pure about batches: tables, inputs, what is known of the rows. Runs in a browser.
 *
 * @module
 */
export * from "./limits.ts";
export * from "./table.ts";
