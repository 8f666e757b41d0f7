/**
 * Detects which processes that share a KV file are alive. Each holds a lock on its own file beside the
 * database, which the system releases when the process ends for any reason.
 */
import { fileNameOf, isFile, parentOf } from "./paths.ts";

const PREFIX = "local-";
/** How often to check whether another process has ended (ms). */
const WATCH_MS = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** This process, among those that have the KV file open. */
export class LocalOwner {
  /** The process's unique name, never reused. */
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
   * Takes the lock of a new owner. Returns `null` if there is no file to lock beside (a database in memory,
   * on a server, or on Deno Deploy), or if the file system has no locks: then no process can be known to
   * have ended.
   */
  static open(kvPath: string | null): LocalOwner | null {
    if (!isFile(kvPath)) return null;
    // Processes that open the file by different names must find each other's locks.
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
        // Some network file systems grant every lock: every owner would seem dead to the others.
        if (owner.isGone(owner.id)) throw new Error("Locks do not exclude");
        if (exists(path)) {
          owner.#removeEnded();
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

  /**
   * Returns whether the process with that name is known to have ended. `false` for processes on other hosts.
   */
  isGone(id: string): boolean {
    const uuid = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : "";
    return UUID.test(uuid) && isFree(pathOf(this.#kvPath, uuid));
  }

  /** Calls back, until closed, when another process on this file ends unexpectedly. */
  onDeath(run: () => unknown): void {
    this.#watching = setInterval(() => {
      if (this.#removeEnded()) run();
    }, WATCH_MS);
  }

  /** Removes the locks of ended processes. Returns whether there were any. */
  #removeEnded(): boolean {
    const prefix = fileNameOf(pathOf(this.#kvPath, ""));
    let found = false;
    for (const name of namesIn(parentOf(this.#kvPath))) {
      const uuid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
      if (!UUID.test(uuid) || !this.isGone(PREFIX + uuid)) continue;
      found = true;
      for (const path of [pathOf(this.#kvPath, uuid), socketOf(this.#kvPath, uuid)]) {
        try {
          Deno.removeSync(path);
        } catch {
          // Another process was faster, or there was no socket.
        }
      }
    }
    return found;
  }

  /** Where this process listens for the others: see `Wakeups`. */
  get socketPath(): string {
    return socketOf(this.#kvPath, this.id.slice(PREFIX.length));
  }

  /** Returns the sockets of the other processes. */
  otherSockets(): string[] {
    const folder = parentOf(this.#kvPath), prefix = fileNameOf(socketOf(this.#kvPath, ""));
    return namesIn(folder).filter((name) => name.startsWith(prefix))
      .map((name) => `${folder}/${name}`).filter((path) => path !== this.socketPath);
  }

  /** Releases the lock: this process now counts as ended. */
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

/** The start of the name is enough: the path of a socket has at most 107 bytes. */
function socketOf(kvPath: string, uuid: string): string {
  return `${kvPath}.wake-${uuid.slice(0, 8)}`;
}

/** Resolves symbolic links. A file that does not exist yet will be in its folder. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    try {
      return `${Deno.realPathSync(parentOf(path))}/${fileNameOf(path)}`;
    } catch {
      return path;
    }
  }
}

/** Returns whether the lock is free. A missing file is the lock of a process that has ended. */
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
