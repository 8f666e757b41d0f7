/**
 * The file path functions that a build needs.
 */
import * as path from "node:path";
import * as url from "node:url";

/** Joins and normalizes path segments. */
export const join = (...parts: string[]): string => path.join(...parts);

/** Resolves `to` against `from` into an absolute path. */
export const resolve = (from: string, to: string): string => path.resolve(from, to);

/** The last part of a path without its extension. */
export const stem = (file: string): string => path.parse(file).name;

/** The directory of a path. */
export const dirname = (file: string): string => path.dirname(file);

/** Converts a path to a file URL. */
export const toFileUrl = (file: string): URL => url.pathToFileURL(file);

/** Converts a file URL to a path. */
export const fromFileUrl = (file: URL | string): string => url.fileURLToPath(file);

/** Returns the specifier that imports `target` from a module in `dir`: a relative path for files. */
export function specifierFrom(dir: string, target: string): string {
  const file = target.startsWith("file:") ? fromFileUrl(target) : target;
  if (/^[a-z]+:/.test(file) && !path.isAbsolute(file)) return file;
  const relative = path.relative(dir, file).replaceAll("\\", "/").split("/").map(encodeURIComponent)
    .join("/");
  return relative.startsWith(".") ? relative : `./${relative}`;
}
