/**
 * Code that sends a request. Pure; runs in a browser.
 *
 * @module
 */
export { type CodeLanguage, LANGUAGE_NAMES, LANGUAGES, requestCode } from "./request_code.ts";
