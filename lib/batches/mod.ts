/**
 * Batches: a table goes in, a table with evidence comes out.
 *
 * What is pure, and may run in a browser, is in `model/mod.ts`.
 *
 * @module
 */
export { type ReadTable, readTable, type ReadTableOptions } from "./table/read.ts";
