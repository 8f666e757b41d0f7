/**
 * The comments that rendering leaves for the steps after it. They carry a token that is new in every
 * process, so that nothing a user typed can look like one.
 */
const token = crypto.randomUUID();

/** Where `<html>`'s children begin: a head goes here if the page has none. */
export const HTML_START = `<!--html ${token}-->`;
/** Around `<head>`'s children. */
export const HEAD_START = `<!--in ${token}-->`;
export const HEAD_END = `<!--out ${token}-->`;
/** In place of `<body>`'s children, which are rendered apart. */
export const BODY = `<!--body ${token}-->`;
