/**
 * Formats a number in its cell's format if the format changes its meaning: dates, times, percentages, and
 * digit patterns such as `00000`. Other numbers stay plain: `1234.5`, not `$1,234.50`. Pure.
 */

/** A number in its cell's format, and its kind. */
export interface Shown {
  readonly text: string;
  readonly kind: "number" | "date" | "text";
}

/** Formats a number by its style's index. */
export type ShowNumber = (value: string, style: number) => Shown;

/** Built-in formats (ECMA-376, 18.8.30). Locale-dependent formats are shown as ISO 8601. */
const BUILT_IN: Readonly<Record<number, string>> = {
  9: "0%",
  10: "0.00%",
  14: "yyyy-mm-dd",
  15: "d-mmm-yy",
  16: "d-mmm",
  17: "mmm-yy",
  18: "h:mm AM/PM",
  19: "h:mm:ss AM/PM",
  20: "h:mm",
  21: "h:mm:ss",
  22: "yyyy-mm-dd h:mm",
  45: "mm:ss",
  46: "[h]:mm:ss",
  47: "mm:ss.0",
};
/** East Asian date formats, also locale-dependent. */
const EAST_ASIAN = [27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58];

/** Creates the formatter of a workbook. `styles` holds each style's format number. */
export function numberFormats(
  styles: readonly number[],
  codes: ReadonlyMap<number, string>,
  is1904: boolean,
): ShowNumber {
  const formatters = new Map<number, (value: number) => Shown | null>();
  return (value, style) => {
    const format = styles[style] ?? 0;
    const show = formatters.get(format) ?? formatterFor(codeOf(format, codes), is1904);
    formatters.set(format, show);
    const number = Number(value);
    return (Number.isFinite(number) ? show(number) : null) ??
      { text: plain(value), kind: "number" };
  };
}

/** Excel's limit. */
const MAX_CODE_CHARS = 255;

function codeOf(format: number, codes: ReadonlyMap<number, string>): string {
  return codes.get(format)?.slice(0, MAX_CODE_CHARS) ?? BUILT_IN[format] ??
    (EAST_ASIAN.includes(format) ? "yyyy-mm-dd" : "General");
}

/** Removes floating-point noise: `0.1+0.2` is stored as `0.30000000000000004`. */
function plain(value: string): string {
  if (/^-?\d+$/.test(value)) return value;
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  // Excel has 15 significant digits. Write whole numbers out, because they may be IDs.
  const short = String(Number(number.toPrecision(15)));
  const [, sign = "", digits = "", fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e\+(\d+))?$/.exec(Number(short).toExponential()) ?? [];
  const isWhole = exponent !== undefined && Number(exponent) >= fraction.length;
  return isWhole && Number(exponent) <= LONGEST_ID
    ? `${sign}${digits}${fraction.padEnd(Number(exponent), "0")}`
    : short;
}

/** The largest exponent for which whole numbers are written out. */
const LONGEST_ID = 30;

function formatterFor(code: string, is1904: boolean): (value: number) => Shown | null {
  // The section for positive numbers, without colours, conditions and locales.
  const [section = ""] = sectionsOf(code);
  const bare = section.replace(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, "");
  const skeleton = bare.replace(/"[^"]*"|\\.|_./g, "");
  if (/general/i.test(skeleton)) return () => null;
  if (/[ymdhs]/i.test(skeleton)) return (value) => showDate(value, bare, is1904);
  if (/%/.test(skeleton)) return (value) => showPercent(value, skeleton);
  const digits = skeleton.match(/0/g)?.length ?? 0;
  if (digits > 1 && /^[0\s()/+-]+$/.test(skeleton)) {
    return (value) => showDigits(value, bare, digits);
  }
  return () => null;
}

function sectionsOf(code: string): string[] {
  return code.match(/(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])+/g) ?? [""];
}

function showPercent(value: number, skeleton: string): Shown {
  const decimals = /\.([0#?]+)/.exec(skeleton)?.[1]?.length ?? 0;
  return { text: `${(value * 100).toFixed(Math.min(decimals, 15))}%`, kind: "text" };
}

/** Keeps the leading zeros of `00000` and the separators of `000-00-0000`. */
function showDigits(value: number, bare: string, digits: number): Shown | null {
  if (value < 0 || !Number.isSafeInteger(Math.round(value))) return null;
  const all = String(Math.round(value)).padStart(digits, "0");
  let next = all.length - digits;
  let text = all.slice(0, next);
  for (const [token] of bare.matchAll(/"[^"]*"|\\.|_.|./g)) {
    if (token === "0") text += all[next++];
    else if (!token.startsWith("_")) text += literal(token);
  }
  return { text: text.trim(), kind: "text" };
}

function literal(token: string): string {
  if (token.startsWith('"')) return token.slice(1, -1);
  return token.startsWith("\\") ? token.slice(1) : token;
}

const DAY_MS = 86_400_000;
/** 9999-12-31; past it Excel shows `#####`. */
const LAST_DAY = 2_958_466;
const MONTHS =
  "January February March April May June July August September October November December"
    .split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const DATE_TOKEN = /"[^"]*"|\\.|_.|\[h+\]|\[m+\]|\[s+\]|am\/pm|a\/p|y+|m+|d+|h+|s+|\.0+|[^]/gi;

function showDate(value: number, bare: string, is1904: boolean): Shown | null {
  if (value < 0 || value >= LAST_DAY) return null;
  const tokens = bare.match(DATE_TOKEN) ?? [];
  const fraction = tokens.find((token) => /^\.0/.test(token))?.length ?? 1;
  const step = 1_000 / 10 ** Math.min(fraction - 1, 3);
  const ms = Math.round(value * DAY_MS / step) * step;
  const time = new Date(ms + epoch(ms / DAY_MS, is1904));
  const isHalf = tokens.some((token) => /^(?:am\/pm|a\/p)$/i.test(token));
  const text = tokens.map((token, at) => shownPart(token, at, tokens, { time, ms, isHalf })).join(
    "",
  );
  return { text: text.trim(), kind: "date" };
}

/** The Unix time of serial number 0 (ms). Excel treats 1900 as a leap year. */
function epoch(days: number, is1904: boolean): number {
  if (is1904) return Date.UTC(1904, 0, 1);
  return Date.UTC(1899, 11, days < 60 ? 31 : 30);
}

interface Moment {
  readonly time: Date;
  /** Since the epoch. */
  readonly ms: number;
  /** 12-hour clock. */
  readonly isHalf: boolean;
}

function shownPart(
  token: string,
  at: number,
  tokens: readonly string[],
  { time, ms, isHalf }: Moment,
): string {
  const lower = token.toLowerCase();
  const two = (value: number) => String(value).padStart(lower.length > 1 ? 2 : 1, "0");
  if (/^\[[hms]+\]$/.test(lower)) {
    const unit = lower.startsWith("[h") ? 3_600_000 : lower.startsWith("[m") ? 60_000 : 1_000;
    return String(Math.floor(ms / unit)).padStart(lower.length - 2, "0");
  }
  const hours = time.getUTCHours();
  switch (/^[a-z]/.test(lower) ? lower[0] : "") {
    case "y":
      return lower.length > 2
        ? String(time.getUTCFullYear())
        : String(time.getUTCFullYear() % 100).padStart(2, "0");
    case "m":
      return isMinute(at, tokens) ? two(time.getUTCMinutes()) : month(time, lower.length);
    case "d": {
      const day = DAYS[time.getUTCDay()]!;
      return lower.length > 3 ? day : lower.length === 3 ? day.slice(0, 3) : two(time.getUTCDate());
    }
    case "h":
      return two(isHalf ? hours % 12 || 12 : hours);
    case "s":
      return two(time.getUTCSeconds());
    case "a":
      if (lower === "am/pm") return hours < 12 ? "AM" : "PM";
      if (lower === "a/p") return hours < 12 ? "A" : "P";
  }
  if (/^\.0+$/.test(token)) {
    return `.${String(time.getUTCMilliseconds()).padStart(3, "0").slice(0, token.length - 1)}`;
  }
  return token.startsWith("_") || token === "@" ? "" : literal(token);
}

function month(time: Date, length: number): string {
  const number = time.getUTCMonth();
  const name = MONTHS[number]!;
  if (length === 5) return name[0]!;
  if (length > 3) return name;
  return length === 3 ? name.slice(0, 3) : String(number + 1).padStart(length, "0");
}

/** `m` means minutes after hours and before seconds. */
function isMinute(at: number, tokens: readonly string[]): boolean {
  if (tokens[at]!.length > 2) return false;
  const isUnit = (token: string) => /^(?:y+|m+|d+|h+|s+|\[[hms]+\])$/i.test(token);
  const before = tokens.slice(0, at).findLast(isUnit);
  const next = tokens.slice(at + 1).find(isUnit);
  return /^\[?h/i.test(before ?? "") || /^\[?s/i.test(next ?? "");
}
