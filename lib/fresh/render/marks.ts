/**
 * The comments that rendering leaves for the steps after it. They carry a token that is new in every
 * process, so that nothing a user typed can look like one.
 */
const token = crypto.randomUUID();

/** Around what `Head` rendered. */
export const HEAD_OPEN = `head ${token}`;
export const HEAD_CLOSE = `/head ${token}`;

/** Where `<html>`'s children begin: a head goes here if the page has none. */
export const HTML_START = `<!--html ${token}-->`;
/** Around `<head>`'s children. */
export const HEAD_START = `<!--in ${token}-->`;
export const HEAD_END = `<!--out ${token}-->`;
/** At the end of `<body>`'s children: the page's data goes here. */
export const BODY_END = `<!--body ${token}-->`;
