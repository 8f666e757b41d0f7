/** A copy of the whole store, taken while the server runs. */
import { dirname } from "node:path";
import { BackupError, checkStore, withDatabase } from "./sqlite.ts";

/** What was written. */
export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly entries: number;
  /** The copy of the generated session secret; `null` where SESSION_SECRET is set by the environment. */
  readonly secretPath: string | null;
}

/** Where a backup's copy of the session secret lies. */
export const secretOf = (backupPath: string): string => `${backupPath}.session-secret`;

/**
 * Writes a consistent copy of the database at `kvPath` to `target`, a file that must not exist yet, and
 * beside it the session secret at `secretPath`, if there is one. The server may run: SQLite copies one
 * moment of it, and the copy is checked before it gets its name. Throws {@linkcode BackupError}.
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
  await Deno.remove(draft).catch(ignoreMissing);
  try {
    withDatabase(kvPath, { readOnly: true }, (database) => {
      database.prepare("vacuum into ?").run(draft);
    });
    const entries = checkStore(draft);
    await Deno.chmod(draft, 0o600);
    const secret = await exists(secretPath);
    if (secret) {
      await Deno.copyFile(secretPath, secretOf(target));
      await Deno.chmod(secretOf(target), 0o600);
    }
    await Deno.rename(draft, target);
    const { size } = await Deno.stat(target);
    return { path: target, bytes: size, entries, secretPath: secret ? secretOf(target) : null };
  } catch (error) {
    await Deno.remove(draft).catch(ignoreMissing);
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

/** For removing what may not be there. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
