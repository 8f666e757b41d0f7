/**
 * File paths, as far as a build needs them; URLs do the rest.
 */
import * as path from "node:path";
import * as url from "node:url";

/** Joins and normalises path segments. */
export const join = (...parts: string[]): string => path.join(...parts);

/** An absolute path: `to` as seen from `from`. */
export const resolve = (from: string, to: string): string => path.resolve(from, to);

/** The last part of a path without its extension. */
export const stem = (file: string): string => path.parse(file).name;

/** The directory of a path. */
export const dirname = (file: string): string => path.dirname(file);

/** A path as a file URL. */
export const toFileUrl = (file: string): URL => url.pathToFileURL(file);

/** A file URL as a path. */
export const fromFileUrl = (file: URL | string): string => url.fileURLToPath(file);

/** The specifier by which a module in `dir` imports `target`: relative for files, else as it is. */
export function specifierFrom(dir: string, target: string): string {
  const file = target.startsWith("file:") ? fromFileUrl(target) : target;
  if (/^[a-z]+:/.test(file) && !path.isAbsolute(file)) return file;
  const relative = path.relative(dir, file).replaceAll("\\", "/").split("/").map(encodeURIComponent)
    .join("/");
  return relative.startsWith(".") ? relative : `./${relative}`;
}
