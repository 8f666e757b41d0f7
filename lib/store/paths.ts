/** Reads `KV_PATH`: what kind of store it names, and the folder of a local one. Pure. */

/** Where a store is. */
export type StorePlace = "file" | "memory" | "server" | "deploy";

/** Returns where the store of a `KV_PATH` is; `null` is Deno Deploy's attached database. */
export function placeOf(kvPath: string | null): StorePlace {
  if (kvPath === null) return "deploy";
  if (kvPath === ":memory:") return "memory";
  return /^https?:/.test(kvPath) ? "server" : "file";
}

/** Returns whether the store is a local file. */
export function isFile(kvPath: string | null): kvPath is string {
  return placeOf(kvPath) === "file";
}

/** Returns whether requests to the store go over a network. */
export function isRemote(kvPath: string | null): boolean {
  const place = placeOf(kvPath);
  return place === "server" || place === "deploy";
}

// `node:path` has the next two functions, but loading it takes 4 ms of each start.

/** Returns the index at which the last name of a path begins. Windows separates names by either slash. */
function nameAt(path: string): number {
  const windows = Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1;
  return Math.max(path.lastIndexOf("/"), windows) + 1;
}

/** The last name of a path: `kv.db` of `data/kv.db`. */
export function fileNameOf(path: string): string {
  return path.slice(nameAt(path));
}

/** The folder of a file: `data` of `data/kv.db`, `.` of `kv.db`, `/` of `/kv.db`. */
export function parentOf(path: string): string {
  const at = nameAt(path);
  return at === 0 ? "." : path.slice(0, Math.max(at - 1, 1));
}
