/** Locates the members of a JSON text, so messages can name the line. Pure. */
import { readVerbatim, REQUEST_BOUNDS } from "./json.ts";
import { parseJson, pointerStep } from "./json_values.ts";

/** Where every member and every item of a text begins. */
export interface JsonPositions {
  /** The offset of the member's name, or of the item, that a JSON pointer leads to. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Pointers of duplicate names in an object. All but the last have no effect. */
  readonly repeated: readonly string[];
  /** Whether reading and writing the text loses nothing: no repeated names. */
  readonly lossless: boolean;
}

const TOKEN = /([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|([^\s{}[\],:"]+)/g;

interface Open {
  readonly pointer: string;
  /** The next item of an array; `null` in an object. */
  index: number | null;
  /** The pointer of the member that is being read. */
  member: string;
}

/** Locates every value of a JSON text. Throws as `JSON.parse` does if the text is invalid. */
export function locateJson(text: string): JsonPositions {
  const written = JSON.stringify(readVerbatim(text));
  const offsets = new Map<string, number>();
  const repeated: string[] = [];
  const canonical: string[] = [];
  const open: Open[] = [];
  let named = false;
  for (const { 0: token, 1: mark, 2: quoted, index: offset } of text.matchAll(TOKEN)) {
    canonical.push(quoted !== undefined ? JSON.stringify(JSON.parse(quoted)) : token);
    const inner = open.at(-1);
    if (mark === "}" || mark === "]") {
      open.pop();
      named = true;
    } else if (mark === ",") {
      named = false;
    } else if (mark === ":") {
      named = true;
    } else if (inner?.index === null && !named && quoted !== undefined) {
      inner.member = inner.pointer + pointerStep(String(JSON.parse(quoted)));
      if (offsets.has(inner.member)) repeated.push(inner.member);
      offsets.set(inner.member, offset);
    } else {
      const pointer = pointerOf(inner);
      if (!offsets.has(pointer)) offsets.set(pointer, offset);
      if (mark !== undefined) open.push({ pointer, index: mark === "[" ? 0 : null, member: "" });
      named = mark !== "{";
    }
  }
  return { offsets, repeated, lossless: canonical.join("") === written };
}

function pointerOf(inner: Open | undefined): string {
  if (inner === undefined) return "";
  return inner.index === null ? inner.member : `${inner.pointer}/${inner.index++}`;
}

/** A member of an object that has one of the same name already. */
export interface RepeatedName {
  readonly name: string;
  /** Offsets of the first and the second occurrence of the name. */
  readonly first: number;
  readonly again: number;
}

/** The first name that appears twice in one object of a JSON text; `null` if there is none. */
export function repeatedName(text: string): RepeatedName | null {
  // The names of each open object; `null` for an array.
  const open: (Map<string, number> | null)[] = [];
  let isName = false;
  for (const { 0: token, 1: mark, 2: quoted, index: offset } of text.matchAll(TOKEN)) {
    const names = open.at(-1);
    if (quoted !== undefined && isName && names) {
      const name = quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
      const first = names.get(name);
      if (first !== undefined) return { name, first, again: offset };
      names.set(name, offset);
    }
    if (mark === "{" || mark === "[") open.push(token === "{" ? new Map() : null);
    else if (mark === "}" || mark === "]") open.pop();
    isName = mark === "{" || (mark === "," && open.at(-1) !== null);
  }
  return null;
}

/** A value that a user typed, or why it cannot be sent. For invalid JSON, `why` may quote a part of it. */
export type TypedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly isJson: boolean; readonly why: string };

/**
 * Parses JSON that a user typed or pasted for a request. Numbers keep their digits. A duplicate name in an object is
 * rejected, because only one of its values would be sent.
 */
export function parseTyped(text: string): TypedJson {
  const json = parseJson(text, REQUEST_BOUNDS);
  if (!json.ok) return { ...json, isJson: false };
  const repeated = repeatedName(text);
  if (repeated === null) return json;
  const { name, first, again } = repeated;
  const lines = [...new Set([lineAt(text, first), lineAt(text, again)])];
  const where = lines.length === 1 ? `line ${lines[0]}` : `lines ${lines.join(" and ")}`;
  return {
    ok: false,
    isJson: true,
    why: `"${name}" appears twice in one object (${where}): only one of its values would be sent`,
  };
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** The line of the value at a pointer, or of its parent if the value is absent. */
export function lineOf(text: string, { offsets }: JsonPositions, pointer: string): number {
  for (let at = pointer;; at = at.slice(0, at.lastIndexOf("/"))) {
    const offset = offsets.get(at);
    if (offset !== undefined) return lineAt(text, offset);
    if (!at.includes("/")) return 1;
  }
}
