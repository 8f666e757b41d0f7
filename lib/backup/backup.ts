/** A copy of the whole store, taken while the server runs. */
import { dirname } from "node:path";
import { BackupError, checkStore, withDatabase } from "./sqlite.ts";

/** A written backup. */
export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly entries: number;
  /** The path of the session secret's copy; `null` if the environment sets SESSION_SECRET. */
  readonly secretPath: string | null;
}

/** The path of the session secret's copy beside a backup. */
export const secretOf = (backupPath: string): string => `${backupPath}.session-secret`;

/**
 * Writes a consistent copy of the database at `kvPath` to `target`, a file that must not exist yet, and beside
 * it the session secret at `secretPath`, if there is one. The server may run: SQLite copies a snapshot. The copy
 * is checked before it gets its name. Throws {@linkcode BackupError}.
 */
export async function backupStore(
  kvPath: string,
  secretPath: string,
  target: string,
): Promise<Backup> {
  if (!await exists(kvPath)) throw new BackupError(`There is no database at ${kvPath}`);
  if (await exists(target)) throw new BackupError(`${target} exists: name a new file`);
  await Deno.mkdir(dirname(target), { recursive: true });
  const draft = `${target}.unfinished`;
  try {
    // SQLite fills an existing empty file. It would create a new one with read permission for everyone.
    await createPrivately(draft);
    withDatabase(kvPath, { readOnly: true }, (database) => {
      try {
        database.prepare("vacuum into ?").run(draft);
      } catch (error) {
        // Usually the disk of the copy is full.
        const reason = error instanceof Error ? error.message : error;
        throw new BackupError(`${kvPath} cannot be copied to ${target}: ${reason}`);
      }
    });
    const entries = checkStore(draft);
    const secret = await exists(secretPath);
    if (secret) await copyPrivately(secretPath, secretOf(target));
    await Deno.rename(draft, target);
    const { size } = await Deno.stat(target);
    return { path: target, bytes: size, entries, secretPath: secret ? secretOf(target) : null };
  } catch (error) {
    await Deno.remove(draft).catch(ignoreMissing);
    throw error;
  }
}

/** Creates an empty file that only its owner may read. Replaces an existing one. */
async function createPrivately(path: string): Promise<void> {
  await Deno.remove(path).catch(ignoreMissing);
  (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
}

/** Copies a file to one that only its owner may read. Removes an incomplete copy. */
export async function copyPrivately(from: string, to: string): Promise<void> {
  await createPrivately(to);
  try {
    const [source, target] = [await Deno.open(from), await Deno.open(to, { write: true })];
    // Closes both.
    await source.readable.pipeTo(target.writable);
  } catch (error) {
    await Deno.remove(to).catch(ignoreMissing);
    throw error;
  }
}

/** Whether there is a file or folder at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** For removing files that may not exist. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
