/**
 * The basis of a result: entries by field path, and every cited page once, numbered in order of first use.
 * Pure.
 */
import { atOnce, isObject } from "../base/mod.ts";
import type { Citation, FieldBasis, TaskRunInput, TaskRunOutput } from "../parallel/mod.ts";
import { hostOf, webUrl } from "./addresses.ts";
import { pathKey, requestedSchema, stepsOf } from "./schema.ts";
import { type Fit, fitOf } from "./fit.ts";
import { type ResultRoom, trimBasis, type TrimmedBasis, WHOLE_ROOM } from "./trim_basis.ts";

/** A cited page, listed once for all fields that cite it. */
export interface Source {
  /** From 1, in order of first citation. */
  readonly number: number;
  readonly url: string;
  readonly title: string | null;
  readonly host: string;
  readonly excerpts: readonly string[];
  /** The fields that cite it, spelled as in the API. */
  readonly fields: readonly string[];
}

export interface BasisIndex {
  /** By dotted path: `companies.0.revenue`. */
  readonly byPath: ReadonlyMap<string, FieldBasis>;
  readonly sources: readonly Source[];
  /** How many levels below a path the basis has entries; 0 if it has none. */
  readonly depthBelow: (path: string) => number;
  /** Returns the number of a citation's page; `null` if no entry cites it. */
  readonly numberOf: (url: string) => number | null;
}

/** A page while its citations are collected. */
interface Gathered extends Pick<Source, "number" | "url" | "title" | "host"> {
  readonly excerpts: Set<string>;
  readonly fields: Set<string>;
}

/** Entries and citations to process before a pause. */
const STRIDE = 256;

/** Indexes a basis. */
export function indexBasis(basis: readonly FieldBasis[]): BasisIndex {
  return atOnce(indexingBasis(basis));
}

/** Indexes a basis of any length, with pauses. */
export function* indexingBasis(basis: readonly FieldBasis[]): Generator<"", BasisIndex> {
  const pages = new Map<string, Gathered>();
  // Pages are cited repeatedly, and parsing a URL costs more than a lookup.
  const byUrl = new Map<string, Gathered>();
  const byPath = new Map<string, FieldBasis>();
  const pageOf = (citation: Citation): Gathered => {
    const key = pageKey(citation.url);
    const page = pages.get(key) ?? newPage(pages.size + 1, citation);
    pages.set(key, page);
    byUrl.set(citation.url, page);
    return page;
  };
  let looked = 0;
  for (const entry of basis) {
    const { field, citations } = entry;
    byPath.set(pathKey(field), entry);
    for (const citation of citations ?? []) {
      const page = byUrl.get(citation.url) ?? pageOf(citation);
      page.fields.add(field);
      for (const excerpt of citation.excerpts ?? []) page.excerpts.add(excerpt);
      if (++looked % STRIDE === 0) yield "";
    }
    if (++looked % STRIDE === 0) yield "";
  }
  const sources: Source[] = [];
  for (const { excerpts, fields, ...page } of pages.values()) {
    sources.push({ ...page, excerpts: [...excerpts], fields: [...fields] });
    if (sources.length % STRIDE === 0) yield "";
  }
  // Only pages that show all of the basis need depths.
  let depths: ReadonlyMap<string, number> | null = null;
  return {
    byPath,
    depthBelow: (path) => (depths ??= depthsOf(basis)).get(path) ?? 0,
    sources,
    numberOf: (url) => (byUrl.get(url) ?? pages.get(pageKey(url)))?.number ?? null,
  };
}

function depthsOf(basis: readonly FieldBasis[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const { field } of basis) {
    const steps = stepsOf(field) ?? [];
    for (let length = 0; length < steps.length; length++) {
      const prefix = steps.slice(0, length).join(".");
      depths.set(prefix, Math.max(depths.get(prefix) ?? 0, steps.length - length));
    }
  }
  return depths;
}

/** Basis entries whose path is not in the content. They are shown separately rather than lost. */
export function strayBasis(basis: readonly FieldBasis[], content: unknown): FieldBasis[] {
  return basis.filter((entry) => !hasPlace(content, entry.field));
}

/** Returns whether a field path exists in the content. */
export function hasPlace(content: unknown, field: string): boolean {
  return valueAt(content, field) !== undefined;
}

/** Returns the value at a field path, or `undefined` if there is none. */
export function valueAt(content: unknown, field: string): unknown {
  const steps = stepsOf(field);
  let value = content;
  for (const step of steps ?? []) {
    const isThere = Array.isArray(value)
      ? /^\d+$/.test(step) && Number(step) < value.length
      : isObject(value) && Object.hasOwn(value, step);
    if (!isThere) return undefined;
    value = Reflect.get(Object(value), Array.isArray(value) ? Number(step) : step);
  }
  return steps === null ? undefined : value;
}

function newPage(number: number, citation: Citation): Gathered {
  return {
    number,
    url: citation.url,
    title: citation.title ?? null,
    host: hostOf(citation.url),
    excerpts: new Set(),
    fields: new Set(),
  };
}

/** The escapes of a longer URL are compared as written: it may have millions of them (characters). */
const MAX_URL_CHARS = 100_000;

/** Two citations of one page may differ in their anchor or text fragment, but not in their route. */
function pageKey(url: string): string {
  const parsed = webUrl(url);
  if (parsed === null) return url;
  const [written = ""] = parsed.hash.slice(1).split(":~:", 1);
  // A route may have an anchor of its own, and `#/` is the start page.
  const fragment = written.replace(/(?<=.)#.*$|^!?\/?$/, "");
  parsed.hash = ROUTE.test(fragment) && !VIEW.test(fragment) ? fragment : "";
  const { href } = parsed;
  // `%e8` is `%E8` (RFC 3986, 6.2.2.1).
  return href.length > MAX_URL_CHARS
    ? href
    : href.replace(/%[\da-f]{2}/gi, (escape) => escape.toUpperCase());
}

/** A fragment that an app uses as a route: `#/docs/a`, `#!/a`, `#docs/a`, `#?page=a`, `#gid=1`. */
const ROUTE = /^[!?]|\/|%2f|^[\w-]+=/i;
/** A position in a PDF (RFC 8118), film or picture (Media Fragments), or a referral tag. */
const VIEW =
  /^(?:page|nameddest|comment|collab|zoom|view|viewrect|pagemode|scrollbar|search|toolbar|statusbar|messages|navpanes|highlight|fdf|t|xywh|track|utm_\w+|ref)=/i;

/** The API's confidence in its fields. */
export interface Confidences {
  /** By level, as the API words it: high, medium, low, then any others. */
  readonly levels: readonly (readonly [level: string, fields: number])[];
  /** Fields with a basis but no confidence. */
  readonly unrated: number;
}

const LEVELS = ["high", "medium", "low"];

/** Counts the confidence levels of a basis. Never invents one that the API omits. */
function confidencesOf(basis: readonly FieldBasis[]): Confidences {
  const counts = new Map<string, number>(LEVELS.map((level) => [level, 0]));
  let unrated = 0;
  for (const { confidence } of basis) {
    if (confidence) counts.set(confidence, (counts.get(confidence) ?? 0) + 1);
    else unrated++;
  }
  return { levels: [...counts].filter(([, fields]) => fields > 0), unrated };
}

/** The quality of a result, from the API's basis and the schema. */
export interface Appraisal {
  /** The part of the basis that a page shows. */
  readonly shown: TrimmedBasis;
  /** The index of that part. */
  readonly basisIndex: BasisIndex;
  readonly confidences: Confidences;
  /** `null` if the request had no schema. */
  readonly fit: Fit | null;
}

/** Evaluates an output against its request, and cuts its basis to the `room` on a page. */
export function appraise(
  input: TaskRunInput,
  output: TaskRunOutput,
  room: ResultRoom = WHOLE_ROOM,
): Appraisal {
  const schema = requestedSchema(input);
  const shown = trimBasis(output.basis, room);
  return {
    shown,
    basisIndex: indexBasis(shown.basis),
    confidences: confidencesOf(output.basis),
    fit: schema === null ? null : fitOf(output.content, schema),
  };
}
