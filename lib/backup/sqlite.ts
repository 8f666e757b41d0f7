/** Reads and writes the KV file as an SQLite database in WAL mode, with Deno's own `node:sqlite`. */
import { DatabaseSync } from "node:sqlite";
import { deserialize } from "node:v8";

/** Thrown when a backup or restore fails. The message explains why and what to do. */
export class BackupError extends Error {
  override name = "BackupError";
}

/** Runs `use` on an open database file and closes it. @throws {BackupError} if it is not a database. */
export function withDatabase<T>(
  path: string,
  options: { readonly readOnly: boolean },
  use: (database: DatabaseSync) => T,
): T {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: 5_000 });
    return use(database);
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`${path} cannot be used as a database: ${reason}`);
  } finally {
    database?.close();
  }
}

/** Checks a KV database. Returns how many entries it has. Throws {@linkcode BackupError} if it is damaged. */
export function checkStore(path: string): number {
  return withDatabase(path, { readOnly: true }, (database) => {
    const isKv = database.prepare(
      "select count(*) as found from sqlite_master where type = 'table' and name in ('kv', 'data_version')",
    ).get()?.found === 2;
    if (!isKv) throw new BackupError(`${path} is a database, but not one of Deno KV`);
    const damage = database.prepare("pragma integrity_check").get()?.integrity_check;
    if (damage !== "ok") throw new BackupError(`${path} is damaged: ${damage}`);
    return Number(database.prepare("select count(*) as entries from kv").get()?.entries);
  });
}

/** The key `["schema"]` as Deno KV encodes it: 2, the text in UTF-8, 0. */
const SCHEMA_KEY = new TextEncoder().encode("\x02schema\0");
/** `v_encoding` of a value that V8 serialized. */
const V8_ENCODING = 1;

/** The schema version of the store in a file; `null` if it has none yet. */
export function layoutOf(path: string): unknown {
  return withDatabase(path, { readOnly: true }, (database) => {
    const found = database.prepare("select v, v_encoding from kv where k = ?").get(SCHEMA_KEY);
    if (found === undefined) return null;
    if (found.v_encoding !== V8_ENCODING || !(found.v instanceof Uint8Array)) return "unknown";
    return deserialize(found.v);
  });
}

/** Whether no process has the database open. A crashed process does not count: its log is recovered. */
export function isFree(path: string): boolean {
  return withDatabase(path, { readOnly: false }, (database) => {
    try {
      // Leaving WAL mode needs the only connection; Deno KV goes back to it when it opens the file.
      return database.prepare("pragma journal_mode = delete").get()?.journal_mode === "delete";
    } catch (error) {
      if (error instanceof Error && /locked|busy/.test(error.message)) return false;
      throw error;
    }
  });
}
