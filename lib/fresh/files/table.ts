/**
 * The table of static files: what is served, under which name, and how browsers know it again.
 */

/** A part of a file, in bytes; the end is not included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** One encoding of a file. */
export interface StaticBody {
  /** Strong validator; differs by encoding. */
  etag: string;
  /** Bytes. */
  size: number;
  /** The content, or a part of it. */
  read: (range?: ByteRange) => Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>>;
}

/** A file of `static/` or of the build. */
export interface StaticFile {
  /** Content-Type. */
  type: string;
  /** Hash of the content, as in `?__frsh_c=`. */
  hash: string;
  /** The name itself changes with the content. */
  immutable: boolean;
  plain: StaticBody;
  br?: StaticBody;
  gzip?: StaticBody;
}

/** The files of a build, by the path they are requested under. */
export interface StaticFiles {
  /** The file of a decoded path such as `/style.css`, or null. */
  get(path: string): StaticFile | null;
  /** A root-relative URL with the file's hash; null for unknown files. */
  urlOf(url: string): string | null;
}

/** The query parameter that carries a file's hash. */
export const HASH_PARAM = "__frsh_c";

/** Makes the table of files by their decoded paths. */
export function tableOf(files: ReadonlyMap<string, StaticFile>): StaticFiles {
  return {
    get: (path) => files.get(path) ?? null,
    urlOf: (url) => {
      const [, path = "", query, fragment = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(url) ?? [];
      const file = files.get(path) ?? files.get(decodePath(path) ?? "");
      if (!file) return null;
      if (file.immutable) return url;
      return `${path}${query ? `${query}&` : "?"}${HASH_PARAM}=${file.hash}${fragment}`;
    },
  };
}

/** A URL's path as the file's; null where the escapes make no sense. */
export function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
