/**
 * Full-text search over runs: terms, posting lists, packs, the indexer.
 *
 * @module
 */
export { Indexer, type IndexerContext } from "./indexer.ts";
export { Packer, packHistory } from "./packer.ts";
export { unindex } from "./reindex.ts";
export { searchHistory } from "./search.ts";
export { termsMutations } from "./terms.ts";
export { KEPT } from "./text.ts";
export { indexTerms } from "./tokens.ts";
