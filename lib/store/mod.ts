/**
 * The database: the one place that commits, large values in parts, the schema version, and remote stores.
 *
 * @module
 */
export { Committer } from "./committer.ts";
export { deleteAll, deletePrefix } from "./delete.ts";
export { GuardedKv } from "./guarded_kv.ts";
export { type StoreHealth, storeHealth } from "./health.ts";
export {
  KvOpenError,
  MIGRATION_KEY,
  openKv,
  patient,
  SCHEMA_VERSION,
  SchemaError,
} from "./open.ts";
export { LocalOwner } from "./owners.ts";
export {
  DamagedPartsError,
  encodeParts,
  PART_BYTES,
  type PartsRef,
  readParts,
  readText,
  sha256Hex,
  writeParts,
} from "./parts.ts";
export { isFile, isRemote, parentOf, placeOf, type StorePlace } from "./paths.ts";
export type { CommitResult, Write } from "./sizes.ts";
export { isStoreAway } from "./store_errors.ts";
export { Wakeups } from "./wakeups.ts";
