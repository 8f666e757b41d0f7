/**
 * Opens the database and makes sure its layout is the one this program knows.
 */
import { dirname } from "node:path";

/** Version of the KV layout; raised with a migration whenever a key or value changes its shape. */
export const SCHEMA_VERSION = 1;

/** The database was written by a newer Taskstream. */
export class SchemaError extends Error {
  override name = "SchemaError";
}

/** The database cannot be opened. The message is one line for the person who set its path. */
export class KvOpenError extends Error {
  override name = "KvOpenError";
}

/**
 * Opens KV at `path` (a file whose folder is made if missing, `:memory:`, a KV Connect URL, or `null`
 * for the attached database of Deno Deploy). Throws {@linkcode KvOpenError}, and {@linkcode SchemaError}
 * where the layout is newer.
 */
export async function openKv(path: string | null): Promise<Deno.Kv> {
  const kv = await open(path);
  try {
    await claimSchema(kv);
  } catch (error) {
    kv.close();
    throw error;
  }
  return kv;
}

async function open(path: string | null): Promise<Deno.Kv> {
  try {
    if (path !== null && path !== ":memory:" && !/^https?:/.test(path)) {
      await Deno.mkdir(dirname(path), { recursive: true });
    }
    return await Deno.openKv(path ?? undefined);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
    const where = path === null ? "the attached database" : `KV_PATH ${path}`;
    throw new KvOpenError(`The database cannot be opened at ${where}: ${reason}`);
  }
}

async function claimSchema(kv: Deno.Kv): Promise<void> {
  const key = ["schema"];
  const { value } = await kv.get<unknown>(key);
  if (value === null) {
    // Losing this race is fine: whoever won wrote what we then verify.
    await kv.atomic().check({ key, versionstamp: null }).set(key, SCHEMA_VERSION).commit();
    return claimSchema(kv);
  }
  if (value !== SCHEMA_VERSION) {
    throw new SchemaError(
      `The database has layout ${value}, this Taskstream knows ${SCHEMA_VERSION}: use the version that wrote it, or a newer one`,
    );
  }
}
