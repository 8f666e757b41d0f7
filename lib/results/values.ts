/** Formats values of a result for people: numbers, dates, links, lists, records. Pure. */
import { beginning, groupDigits, isNumber, isObject, isRealDate, UNKNOWN } from "../base/mod.ts";
import { hostOf, webUrl } from "./addresses.ts";
import { fieldNames, itemOf, memberOf, orderedEntries, type Schema } from "./schema.ts";
import { isObjectList } from "./table.ts";
import { isCurrency, numberStyle, type Unit } from "./units.ts";

/** A value as a page shows it. */
export interface ShownValue {
  /** `none`: no value. `prose`: may be Markdown. `list`: short values. `records`: a list of objects. */
  readonly kind:
    | "none"
    | "number"
    | "yes-no"
    | "date"
    | "link"
    | "text"
    | "prose"
    | "list"
    | "record"
    | "records";
  /** The value on one line, without its unit. Long values are cut, with an ellipsis. */
  readonly text: string;
  /** What a number counts, if its field says so. */
  readonly unit: Unit | null;
}

/** A longer string, or one with a line break, is prose. */
const PROSE_CHARS = 160;
/** The longest label (characters). */
const LABEL_CHARS = 120;
/** The most characters of a line, and the most members of a record or list that it names. */
const LINE_CHARS = 240, LINE_MEMBERS = 12;

/**
 * Returns how to show a value. `schema` describes the value itself and `name` is its field's: both say what a
 * number counts. `brief` shortens dates, for tables.
 */
export function showValue(
  value: unknown,
  schema: Schema | null = null,
  name = "",
  { brief = false }: { readonly brief?: boolean } = {},
): ShownValue {
  return show(value, schema, name, brief, 0);
}

/** The value and its unit on one line: `NOK 1,386,000,000`, `2,864 m`. */
export function shownLine({ text, unit }: ShownValue): string {
  if (unit === null) return text;
  return unit.before ? `${unit.text} ${text}` : `${text} ${unit.text}`;
}

/** What separates the words of a name. Other hyphens have a meaning, as in `-1`, `18-24` and `AA-`. */
const SPACING = /_+|(?<=[\p{L}\p{N}])-+(?=\p{L})/gu;

/**
 * A field's name as a label: `annual_revenue` is `Annual revenue`. Names that contain capitals stay. The
 * value's schema and the value tell whether the name's last word is the number's unit.
 */
export function labelOf(name: string, value: unknown = null, schema: Schema | null = null): string {
  const words = lineOf(name, LABEL_CHARS).replace(SPACING, " ").trim();
  if (words === "") return beginning(name, LABEL_CHARS);
  const style = isNumber(value) ? numberStyle(name, schema) : null;
  const bare = style?.kind === "measured" && style.named
    ? words.replace(/ (?:in )?\S+$/, "")
    : words;
  const label = (typeof value === "boolean" ? bare.replace(/^is (?=\S)/i, "") : bare) || words;
  return label.charAt(0).toUpperCase() +
    label.slice(1).replace(
      / \w{3}$/,
      (last) => isCurrency(last.trim()) ? last.toUpperCase() : last,
    );
}

/** A label inside a line: `annual revenue`. Abbreviations keep their capitals. */
export function inlineLabelOf(...field: Parameters<typeof labelOf>): string {
  return labelOf(...field).replace(
    /(?<!\p{Lu})\p{Lu}(?!\p{Lu})/gu,
    (letter) => letter.toLowerCase(),
  );
}

function show(
  value: unknown,
  schema: Schema | null,
  name: string,
  brief: boolean,
  depth: number,
): ShownValue {
  const plain = (kind: ShownValue["kind"], text: string): ShownValue => ({
    kind,
    text,
    unit: null,
  });
  if (value === null || value === undefined || value === "") return plain("none", UNKNOWN);
  if (typeof value === "boolean") return plain("yes-no", value ? "Yes" : "No");
  if (isNumber(value)) return showNumber(String(value), numberStyle(name, schema));
  if (typeof value === "string") {
    const date = dateText(value, brief);
    if (date !== null) return plain("date", date);
    const link = linkText(value);
    if (link !== null) return plain("link", link);
    const isProse = value.length > PROSE_CHARS || value.includes("\n");
    return plain(isProse ? "prose" : "text", lineOf(value));
  }
  const inside = (item: unknown, itemSchema: Schema | null, itemName: string) =>
    depth > 2 ? "…" : shownLine(show(item, itemSchema, itemName, true, depth + 1));
  if (Array.isArray(value)) {
    if (value.length === 0) return plain("none", UNKNOWN);
    const item = itemOf(schema);
    const items: readonly unknown[] = value;
    const texts = isObjectList(items)
      ? items.slice(0, LINE_MEMBERS).map((record) => headOf(record, item, inside))
      : items.slice(0, LINE_MEMBERS).map((each) => inside(each, item, name));
    // Items that contain commas would run into each other.
    const mark = texts.some((text) => text.includes(",")) ? "; " : ", ";
    return plain(
      isObjectList(items) ? "records" : "list",
      lineOf(texts.join(mark) + (items.length > LINE_MEMBERS ? `${mark}…` : "")),
    );
  }
  if (!isObject(value)) return plain("text", String(value));
  const entries = orderedEntries(value, schema).filter(([, member]) => member !== null);
  if (entries.length === 0) return plain("none", UNKNOWN);
  const texts = entries.slice(0, LINE_MEMBERS)
    .map(([key, member]) => inside(member, memberOf(schema, key), key));
  return plain("record", lineOf(texts.join(", ")));
}

/** A record in a list by its name, or else its first member. */
function headOf(
  record: Readonly<Record<string, unknown>>,
  schema: Schema | null,
  inside: (value: unknown, schema: Schema | null, name: string) => string,
): string {
  const names = [...new Set([...fieldNames(schema), ...Object.keys(record)])];
  const head = names.find((key) => /^(?:name|title|label|company|product)$/i.test(key)) ??
    names.find((key) => Object.hasOwn(record, key) && record[key] !== null);
  return head === undefined || !Object.hasOwn(record, head)
    ? UNKNOWN
    : inside(record[head], memberOf(schema, head), head);
}

function showNumber(text: string, style: ReturnType<typeof numberStyle>): ShownValue {
  const unit = style.kind === "measured" ? style.unit : null;
  // Money is written to the cent: USD 0.10.
  const written = unit?.before ? text.replace(/^-?\d+\.\d$/, "$&0") : text;
  return { kind: "number", text: style.kind === "plain" ? text : groupDigits(written), unit };
}

const MONTHS = ("January February March April May June July August September October November " +
  "December").split(" ");

/** Writes an ISO 8601 day, month or time in words; `null` for other text. */
function dateText(text: string, brief: boolean): string | null {
  const [, day, time, zone] =
    /^(\d{4}-\d{2}(?:-\d{2})?)(?:[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/
      .exec(text) ?? [];
  if (day === undefined || !isRealDate(day.length === 7 ? `${day}-01` : day)) return null;
  const [year = "", month = "", date] = day.split("-");
  if (date === undefined && time !== undefined) return null;
  const long = MONTHS[Number(month) - 1] ?? "";
  const words = [
    date === undefined ? "" : String(Number(date)),
    brief ? long.slice(0, 3) : long,
    year,
  ]
    .filter((word) => word !== "").join(" ");
  if (time === undefined) return words;
  return `${words}, ${time}${zone === undefined ? "" : zone === "Z" ? " UTC" : ` ${zone}`}`;
}

const LINK_CHARS = 60;

/** A URL without its scheme: the host, and the path if there is one; `null` for other text. */
function linkText(text: string): string | null {
  const url = /\s/.test(text) ? null : webUrl(text);
  if (url === null) return null;
  const path = url.pathname === "/" && url.search === "" ? "" : readable(url.pathname) + url.search;
  return lineOf(hostOf(text) + path, LINK_CHARS);
}

function readable(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function lineOf(text: string, limit = LINE_CHARS): string {
  const line = beginning(text, limit + 1).replace(/\s+/g, " ");
  return text.length <= limit ? line : `${beginning(line, limit)}…`;
}
