/**
 * Reads a request from pasted text. Pure; runs in a browser.
 *
 * @module
 */
export { leftOutOf, type Pasted, readPaste, readPasteInTurns } from "./read.ts";
