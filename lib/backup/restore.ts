/** Replaces the store with a backup, and keeps the previous store. */
import { dirname } from "node:path";
import { SCHEMA_VERSION } from "../store/mod.ts";
import { BackupError, checkStore, isFree, layoutOf } from "./sqlite.ts";
import { copyPrivately, exists, ignoreMissing, secretOf } from "./backup.ts";

/** The outcome of a restore. */
export interface Restored {
  readonly entries: number;
  /** The new path of the former database; `null` if there was none. */
  readonly formerPath: string | null;
}

/**
 * Makes the backup at `backupPath` the database at `kvPath`, with its session secret. The former ones
 * are renamed, never removed; `suffix` names them. The server must be stopped. A backup of a newer
 * layout is refused before anything is replaced. Until the last rename the former database is in place,
 * so an interrupted restore loses nothing. Throws {@linkcode BackupError}.
 */
export async function restoreStore(
  backupPath: string,
  kvPath: string,
  secretPath: string,
  suffix: string,
): Promise<Restored> {
  if (!await exists(backupPath)) throw new BackupError(`There is no backup at ${backupPath}`);
  const entries = checkStore(backupPath);
  const layout = layoutOf(backupPath);
  // The server would not start on it.
  if (layout !== null && !(typeof layout === "number" && layout <= SCHEMA_VERSION)) {
    throw new BackupError(
      `The backup has layout ${
        Deno.inspect(layout)
      }, and this Taskstream knows up to ${SCHEMA_VERSION}. Nothing was replaced. Restore it with the version that wrote it, or a newer one.`,
    );
  }
  await Deno.mkdir(dirname(kvPath), { recursive: true });
  const former = await exists(kvPath);
  if (former && !isFree(kvPath)) {
    throw new BackupError(`${kvPath} is in use: stop the server, then restore again`);
  }
  const [path, secret] = [await ownPath(kvPath), await ownPath(secretPath)];
  const owner = await Deno.stat(former ? path : dirname(path));
  const [draft, secretDraft] = [`${path}.unfinished`, `${secret}.unfinished`];
  const hasSecret = await exists(secretOf(backupPath));
  const made = [draft, secretDraft];
  try {
    await copyFor(owner, backupPath, draft);
    if (hasSecret) await copyFor(owner, secretOf(backupPath), secretDraft);
    // Give the former database a second name, so that the rename below replaces it atomically.
    if (former) {
      await linkOrCopy(owner, path, `${path}.${suffix}`);
      made.push(`${path}.${suffix}`);
    }
    if (hasSecret && await exists(secret)) await copyFor(owner, secret, `${secret}.${suffix}`);
  } catch (error) {
    for (const file of made) await Deno.remove(file).catch(ignoreMissing);
    throw error;
  }
  if (hasSecret) await Deno.rename(secretDraft, secret);
  for (const log of ["-wal", "-shm"]) await Deno.remove(path + log).catch(ignoreMissing);
  await Deno.rename(draft, path);
  return { entries, formerPath: former ? `${path}.${suffix}` : null };
}

/** The path of the file behind a link, if it exists. It may be on another disk than the link. */
async function ownPath(path: string): Promise<string> {
  return await exists(path) ? await Deno.realPath(path) : path;
}

/** Links a file, or copies it on file systems without hard links. */
async function linkOrCopy(owner: Deno.FileInfo, from: string, to: string): Promise<void> {
  if (await exists(to)) throw new BackupError(`${to} exists: rename it, then restore again`);
  await Deno.link(from, to).catch(() => copyFor(owner, from, to));
}

/** Copies a file for the user who runs the server only, even if root restores. */
async function copyFor({ uid, gid }: Deno.FileInfo, from: string, to: string): Promise<void> {
  await copyPrivately(from, to);
  if (Deno.uid() === 0) await Deno.chown(to, uid, gid);
}
