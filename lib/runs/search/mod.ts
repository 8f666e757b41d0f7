/**
 * Full-text search over runs: terms, posting lists, the indexer.
 *
 * @module
 */
export { Indexer, type IndexerContext, unindex } from "./indexer.ts";
export { searchHistory } from "./search.ts";
export { termsMutations } from "./terms.ts";
export { KEPT } from "./text.ts";
export { indexTerms } from "./tokens.ts";
