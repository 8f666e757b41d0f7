/**
 * What a request says about the form it wants a file in: encodings, validators, ranges (RFC 9110).
 */
import type { ByteRange } from "./table.ts";

/** Whether `Accept-Encoding` lets `coding` through (RFC 9110, 12.5.3). */
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

/** Whether `If-None-Match` names a validator: a list, weak ones too, or `*` (RFC 9110, 13.1.2). */
export function noneMatchNames(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header.trim() === "*") return true;
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((known) =>
    known.replace(/^W\//, "") === etag
  );
}

/**
 * The part that `Range` asks for; null for the whole (no header, several ranges, other units),
 * `unsatisfiable` where it begins past the end (RFC 9110, 14.2).
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
