/** Opens the database and checks that this program knows its layout. */
import { Connection } from "./connection.ts";
import { gatherReads } from "./gathered_reads.ts";
import { GuardedKv } from "./guarded_kv.ts";
import { isFile, isRemote, parentOf } from "./paths.ts";
import { reasonOf, StoreAwayError } from "./store_errors.ts";

/** The version of the KV layout. Raise it, with a migration, when a key or value changes its shape. */
export const SCHEMA_VERSION = 6;

const SCHEMA_KEY = ["schema"];

/** A migration's progress. Deleted by the commit that raises the version. */
export const MIGRATION_KEY = ["schema", "indexed"];

/** Migrates a store from one layout version to the next. Resumes after an interruption. */
export type Migration = (kv: Deno.Kv) => Promise<void>;

/** This program cannot read the database's layout: it is newer, or older than any migration. */
export class SchemaError extends Error {
  override name = "SchemaError";
}

/** The database cannot be opened. The message is one line for the person who configured its path. */
export class KvOpenError extends Error {
  override name = "KvOpenError";
}

/** How {@linkcode openKv} waits for a remote store. */
export interface OpenOptions {
  /** Called once, if the store does not respond at first. */
  readonly onWaiting?: (reason: string) => void;
  /** How long to wait for it (ms). */
  readonly waitMs?: number;
}

/**
 * Supervisors increase the wait between restarts, so waiting here gets a restarting store back sooner (ms).
 */
const WAIT_MS = 60_000;
const LOOK_MS = 1_000;

/**
 * Opens KV at `path`: a file whose folder is created if missing, `:memory:`, a KV Connect URL, or `null` for
 * Deno Deploy's attached database. `migrations` lead from the version they are listed under to the next.
 * Returns a {@linkcode GuardedKv} for a remote store. Throws {@linkcode KvOpenError}, and {@linkcode
 * SchemaError} if the layout is newer, or older than any migration.
 */
export async function openKv(
  path: string | null,
  migrations: Readonly<Record<number, Migration>> = {},
  options: OpenOptions = {},
): Promise<Deno.Kv> {
  const kv = isRemote(path) ? await openRemote(path, options) : await openLocal(path);
  if (!isRemote(path)) gatherReads(kv);
  try {
    await claimSchema(patient(kv), migrations);
  } catch (error) {
    kv.close();
    throw error;
  }
  return kv;
}

/** The same store for background work: reads wait for it without a limit. */
export function patient(kv: Deno.Kv): Deno.Kv {
  return kv instanceof GuardedKv ? new GuardedKv(kv.connection, { patient: true }) : kv;
}

async function openRemote(path: string | null, options: OpenOptions): Promise<GuardedKv> {
  const { onWaiting = () => {}, waitMs = WAIT_MS } = options;
  const until = Date.now() + waitMs;
  const open = () => Deno.openKv(path ?? undefined);
  for (let isFirst = true;; isFirst = false) {
    try {
      const kv = await answered(open(), isFirst ? LOOK_MS : Math.max(LOOK_MS, until - Date.now()));
      return new GuardedKv(
        new Connection(kv, { open, ...path !== null && { reach: reachOf(path) } }),
      );
    } catch (error) {
      // A wrong token does not mean that the store is unavailable.
      if (Date.now() >= until || /\bstatus 4/.test(String(error))) throw openError(path, error);
      if (isFirst) onWaiting(reasonOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Sends the first request of Deno's client to a KV Connect server, also over HTTP/2. */
export function reachOf(url: string): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    using client = Deno.createHttpClient({ http1: false, http2: true });
    const response = await fetch(url, {
      client,
      signal,
      method: "POST",
      headers: {
        authorization: `Bearer ${Deno.env.get("DENO_KV_ACCESS_TOKEN") ?? ""}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ supportedVersions: [1, 2, 3] }),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The store rejects this process (status=${response.status})`);
  };
}

/** Resolves with the value, or throws {@linkcode StoreAwayError} after `ms`. */
async function answered(opening: Promise<Deno.Kv>, ms: number): Promise<Deno.Kv> {
  const late = Promise.withResolvers<never>();
  let isLate = false;
  opening.then((kv) => isLate && kv.close(), () => {});
  const timer = setTimeout(() => {
    isLate = true;
    late.reject(new StoreAwayError(`No response in ${ms} ms`));
  }, ms);
  try {
    return await Promise.race([opening, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Less than the 3 s that health probes usually wait (ms). */
const PING_MS = 2_000;

/**
 * Resolves when the database responds, and rejects if it does not within `withinMs`: a KV Connect client
 * retries an unavailable server for ever.
 */
export async function pingKv(kv: Pick<Deno.Kv, "get">, withinMs = PING_MS): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No response in ${withinMs} ms`)), withinMs);
  try {
    await Promise.race([kv.get(SCHEMA_KEY), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function openLocal(path: string | null): Promise<Deno.Kv> {
  try {
    if (isFile(path)) {
      // Private to the owner: SQLite creates files that everyone can read.
      await Deno.mkdir(parentOf(path), { recursive: true, mode: 0o700 });
      await keepPrivate(path);
    }
    return await Deno.openKv(path ?? undefined);
  } catch (error) {
    throw openError(path, error);
  }
}

function openError(path: string | null, error: unknown): KvOpenError {
  const where = path === null ? "the attached database" : `KV_PATH ${path}`;
  return new KvOpenError(`The database cannot be opened at ${where}: ${reasonOf(error)}`);
}

/**
 * Makes the database file readable by its owner only, even in a folder open to others. SQLite gives its log
 * and index files the same permissions. A file owned by another user is left as it is.
 */
async function keepPrivate(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  try {
    // Create it first: SQLite would make it readable by everyone.
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    for (const file of [path, `${path}-wal`, `${path}-shm`]) await makePrivate(file);
  }
}

async function makePrivate(file: string): Promise<void> {
  try {
    if ((await Deno.stat(file)).isFile) await Deno.chmod(file, 0o600);
  } catch (error) {
    const foreign = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (!foreign) throw error;
  }
}

async function claimSchema(
  kv: Deno.Kv,
  migrations: Readonly<Record<number, Migration>>,
): Promise<void> {
  const key = SCHEMA_KEY;
  const { value, versionstamp } = await kv.get<unknown>(key);
  if (value === null) {
    // Losing this race is fine: the winner's value is verified next.
    await kv.atomic().check({ key, versionstamp: null }).set(key, SCHEMA_VERSION).commit();
    return claimSchema(kv, migrations);
  }
  const migrate = typeof value === "number" && value < SCHEMA_VERSION
    ? migrations[value]
    : undefined;
  if (migrate !== undefined) {
    await migrate(kv);
    await kv.atomic().check({ key, versionstamp }).set(key, Number(value) + 1)
      .delete(MIGRATION_KEY).commit();
    return claimSchema(kv, migrations);
  }
  if (value !== SCHEMA_VERSION) {
    throw new SchemaError(
      `The database has layout ${value}, this Taskstream knows ${SCHEMA_VERSION}: use the version that wrote it, or a newer one`,
    );
  }
}
