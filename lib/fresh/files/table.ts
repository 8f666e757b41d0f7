/**
 * The table of static files: paths, content types, hashes and bodies.
 */

/** A part of a file (bytes). The end is exclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/** One encoding of a file. */
export interface StaticBody {
  /** A strong validator, different for each encoding. */
  etag: string;
  /** In bytes. */
  size: number;
  /** Reads the content, or a part of it. */
  read: (range?: ByteRange) => Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>>;
}

/** A file of `static/` or of the build. */
export interface StaticFile {
  /** Content-Type. */
  type: string;
  /** Hash of the content, as in `?__frsh_c=`. */
  hash: string;
  /** Whether the name changes with the content. */
  immutable: boolean;
  plain: StaticBody;
  br?: StaticBody;
  gzip?: StaticBody;
}

/** The files of a build, by the path of their URL. */
export interface StaticFiles {
  /** Returns the file of a decoded path such as `/style.css`, or null. */
  get(path: string): StaticFile | null;
  /** Adds the file's hash to a root-relative URL. Returns null for unknown files. */
  urlOf(url: string): string | null;
}

/** The query parameter of a file's hash. */
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

/** Decodes the path of a URL. Returns null if an escape is malformed. */
export function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
