/** Replaces the store with a backup, and keeps the previous store. */
import { dirname } from "node:path";
import { SCHEMA_VERSION } from "../store/mod.ts";
import { BackupError, checkStore, isFree, layoutOf } from "./sqlite.ts";
import { copyPrivately, exists, ignoreMissing, secretOf } from "./backup.ts";

/** What was done. */
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

/** Copies for one user alone, also when root restores: the user who runs the server. */
async function copyFor({ uid, gid }: Deno.FileInfo, from: string, to: string): Promise<void> {
  await copyPrivately(from, to);
  if (Deno.uid() === 0) await Deno.chown(to, uid, gid);
}
