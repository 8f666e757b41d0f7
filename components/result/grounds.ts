/**
 * What a result rests on: the basis by field path, and every cited page once, numbered in the order
 * of first use. Pure.
 */
import type { Citation, FieldBasis } from "../../lib/parallel/types.ts";
import { asRecord } from "../../lib/runs/event.ts";
import { hostOf, webUrl } from "../link.ts";

/** One cited page, however many fields cite it. */
export interface Source {
  /** From 1, in the order of first citation. */
  readonly number: number;
  readonly url: string;
  readonly title: string | null;
  readonly host: string;
  readonly excerpts: readonly string[];
  /** The fields that cite it, as the API spells their paths. */
  readonly fields: readonly string[];
}

export interface Grounds {
  /** By path with dots: `companies.0.revenue`. */
  readonly byPath: ReadonlyMap<string, FieldBasis>;
  readonly sources: readonly Source[];
  /** The number of a citation's page. */
  readonly numberOf: (url: string) => number | null;
}

/** One spelling for a field's path: `a[0].b` and `a.0.b` are the same place. */
export function pathKey(field: string): string {
  return field.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "");
}

/** Indexes a basis. */
export function groundsOf(basis: readonly FieldBasis[]): Grounds {
  const pages = new Map<string, Source & { excerpts: string[]; fields: string[] }>();
  for (const entry of basis) {
    for (const citation of entry.citations ?? []) {
      const key = pageKey(citation.url);
      const page = pages.get(key) ?? newPage(pages.size + 1, citation);
      pages.set(key, page);
      if (!page.fields.includes(entry.field)) page.fields.push(entry.field);
      for (const excerpt of citation.excerpts ?? []) {
        if (!page.excerpts.includes(excerpt)) page.excerpts.push(excerpt);
      }
    }
  }
  return {
    byPath: new Map(basis.map((entry) => [pathKey(entry.field), entry])),
    sources: [...pages.values()],
    numberOf: (url) => pages.get(pageKey(url))?.number ?? null,
  };
}

/** The basis entries that name no place in the content; they are shown apart rather than lost. */
export function strayBasis(basis: readonly FieldBasis[], content: unknown): FieldBasis[] {
  return basis.filter((entry) => !hasPath(content, pathKey(entry.field).split(".")));
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  const [head, ...rest] = path;
  if (head === undefined) return true;
  if (Array.isArray(value)) return /^\d+$/.test(head) && hasIndex(value, Number(head), rest);
  const record = asRecord(value);
  return record !== null && Object.hasOwn(record, head) && hasPath(record[head], rest);
}

function hasIndex(list: readonly unknown[], index: number, rest: readonly string[]): boolean {
  return index < list.length && hasPath(list[index], rest);
}

function newPage(number: number, citation: Citation) {
  return {
    number,
    url: citation.url,
    title: citation.title ?? null,
    host: hostOf(citation.url),
    excerpts: [],
    fields: [],
  };
}

/** Two citations of one page may differ in their text fragment. */
function pageKey(url: string): string {
  const parsed = webUrl(url);
  if (parsed === null) return url;
  parsed.hash = "";
  return parsed.href;
}
