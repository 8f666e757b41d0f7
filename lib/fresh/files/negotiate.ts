/**
 * Reads the request headers that select a form of a file: encodings, validators, ranges (RFC 9110).
 */
import type { ByteRange } from "./table.ts";

/** Whether `Accept-Encoding` allows `coding` (RFC 9110, 12.5.3). */
export function accepts(header: string | null, coding: "br" | "gzip"): boolean {
  if (header === null) return false;
  let any = false;
  for (const entry of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const wanted = q === undefined || Number(q.slice(2)) > 0;
    if (name === coding || (coding === "gzip" && name === "x-gzip")) return wanted;
    if (name === "*") any = wanted;
  }
  return any;
}

/** Whether `If-None-Match` lists a validator, weak ones included, or is `*` (RFC 9110, 13.1.2). */
export function noneMatchNames(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header.trim() === "*") return true;
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((known) =>
    known.replace(/^W\//, "") === etag
  );
}

/**
 * Reads `Range`. Returns null for the whole file (no header, several ranges, other units), and
 * `unsatisfiable` if the range begins past the end (RFC 9110, 14.2).
 */
export function readRange(header: string | null, size: number): ByteRange | "unsatisfiable" | null {
  const match = header === null ? null : /^bytes=(\d*)-(\d*)$/i.exec(header.replaceAll(" ", ""));
  if (match === null) return null;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return null;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(from);
  const end = to === "" ? size : Math.min(Number(to) + 1, size);
  if (to !== "" && Number(to) < start) return null;
  return start >= size ? "unsatisfiable" : { start, end };
}
