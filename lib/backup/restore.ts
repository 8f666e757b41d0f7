/** Puts a backup in the place of the store, and keeps what was there. */
import { dirname } from "node:path";
import { BackupError, checkStore, isFree } from "./sqlite.ts";
import { exists, ignoreMissing, secretOf } from "./backup.ts";

/** What was done. */
export interface Restored {
  readonly entries: number;
  /** Where the former database went; `null` where there was none. */
  readonly formerPath: string | null;
}

/**
 * Makes the backup at `backupPath` the database at `kvPath`, with its session secret. The former ones
 * are renamed, never removed; `suffix` names them. The server must be stopped. Until the last rename the
 * former database is in place, so an interrupted restore loses nothing. Throws {@linkcode BackupError}.
 */
export async function restoreStore(
  backupPath: string,
  kvPath: string,
  secretPath: string,
  suffix: string,
): Promise<Restored> {
  if (!await exists(backupPath)) throw new BackupError(`There is no backup at ${backupPath}`);
  const entries = checkStore(backupPath);
  await Deno.mkdir(dirname(kvPath), { recursive: true });
  const former = await exists(kvPath);
  if (former && !isFree(kvPath)) {
    throw new BackupError(`${kvPath} is in use: stop the server, then restore again`);
  }
  const owner = await Deno.stat(former ? kvPath : dirname(kvPath));
  const draft = `${kvPath}.unfinished`;
  await copyFor(owner, backupPath, draft);
  if (await exists(secretOf(backupPath))) {
    const secretDraft = `${secretPath}.unfinished`;
    await copyFor(owner, secretOf(backupPath), secretDraft);
    if (await exists(secretPath)) await copyFor(owner, secretPath, `${secretPath}.${suffix}`);
    await Deno.rename(secretDraft, secretPath);
  }
  // A second name for the former database: the rename below then replaces the first at one stroke.
  if (former) await Deno.link(kvPath, `${kvPath}.${suffix}`);
  for (const log of ["-wal", "-shm"]) await Deno.remove(kvPath + log).catch(ignoreMissing);
  await Deno.rename(draft, kvPath);
  return { entries, formerPath: former ? `${kvPath}.${suffix}` : null };
}

/** Copies for one user alone: whoever runs the server, though root restores. */
async function copyFor({ uid, gid }: Deno.FileInfo, from: string, to: string): Promise<void> {
  await Deno.copyFile(from, to);
  await Deno.chmod(to, 0o600);
  if (Deno.uid() === 0) await Deno.chown(to, uid, gid);
}
