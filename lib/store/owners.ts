/**
 * Tells which processes on one KV file are alive. Each holds a lock on a file of its own beside the
 * database, which the system frees with the process, however it ends.
 */
import { basename, dirname, join } from "node:path";

const PREFIX = "local-";
/** How often to look whether another process has ended (ms). */
const WATCH_MS = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** This process among those that have one KV file open. */
export class LocalOwner {
  /** Names this process; no other has or had this name. */
  readonly id: string;
  readonly #kvPath: string;
  readonly #file: Deno.FsFile;
  #watching: ReturnType<typeof setInterval> | undefined;

  private constructor(kvPath: string, uuid: string, file: Deno.FsFile) {
    this.id = PREFIX + uuid;
    this.#kvPath = kvPath;
    this.#file = file;
  }

  /**
   * Takes the lock of a new owner. `null` where there is no file to lock beside (a database in memory, on
   * a server, or on Deno Deploy), or the file system has no locks: then nobody can be told dead.
   */
  static open(kvPath: string | null): LocalOwner | null {
    if (kvPath === null || kvPath === ":memory:" || /^https?:/.test(kvPath)) return null;
    // Processes that reach one file by different names have to find each other's locks.
    const realPath = realPathOf(kvPath);
    for (;;) {
      const uuid = crypto.randomUUID();
      const path = pathOf(realPath, uuid);
      let file: Deno.FsFile;
      try {
        file = Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
      } catch {
        return null;
      }
      try {
        file.lockSync(true);
        const owner = new LocalOwner(realPath, uuid, file);
        // Some network file systems grant every lock: there each owner would seem dead to the others.
        if (owner.isGone(owner.id)) throw new Error("Locks do not exclude");
        if (exists(path)) {
          owner.#buryDead();
          return owner;
        }
        // Another process found it before it was locked, and took it for a dead one's.
        file.close();
      } catch {
        file.close();
        Deno.removeSync(path);
        return null;
      }
    }
  }

  /** Whether the process of that name is known to have ended. `false` for names of another host's. */
  isGone(id: string): boolean {
    const uuid = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : "";
    return UUID.test(uuid) && isFree(pathOf(this.#kvPath, uuid));
  }

  /** Calls back, until it is closed, when another process on this file has ended without a word. */
  onDeath(run: () => unknown): void {
    this.#watching = setInterval(() => {
      if (this.#buryDead()) run();
    }, WATCH_MS);
  }

  /** Removes the locks of processes that have ended. Returns whether there were any. */
  #buryDead(): boolean {
    const prefix = basename(pathOf(this.#kvPath, ""));
    let found = false;
    for (const name of namesIn(dirname(this.#kvPath))) {
      const uuid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
      if (!UUID.test(uuid) || !this.isGone(PREFIX + uuid)) continue;
      found = true;
      try {
        Deno.removeSync(pathOf(this.#kvPath, uuid));
      } catch {
        // Another process was faster.
      }
    }
    return found;
  }

  /** Frees the lock: this process counts as ended from now on. */
  close(): void {
    clearInterval(this.#watching);
    this.#file.close();
    try {
      Deno.removeSync(pathOf(this.#kvPath, this.id.slice(PREFIX.length)));
    } catch {
      // The next process to start removes it.
    }
  }
}

function pathOf(kvPath: string, uuid: string): string {
  return `${kvPath}.owner-${uuid}`;
}

/** The file without symbolic links; what does not exist yet will be in its folder. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    try {
      return join(Deno.realPathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

/** Whether nobody holds the lock; a file that is not there is the lock of a process that has ended. */
function isFree(path: string): boolean {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true });
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
  try {
    return file.tryLockSync(true);
  } finally {
    file.close();
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
