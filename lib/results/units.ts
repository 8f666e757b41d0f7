/**
 * Finds what a number counts, in its field's name and in the schema's description: a currency, a measure, a
 * year, or nothing because it is an identifier. In doubt it finds nothing. Pure.
 */
import { descriptionOf, type Schema } from "./schema.ts";

/** The unit of a number: `NOK` before it, `km` after it. */
export interface Unit {
  readonly text: string;
  readonly before: boolean;
}

/** How a field's numbers are written. */
export type NumberStyle =
  /** A year or an identifier: its digits are not grouped. */
  | { readonly kind: "plain" }
  /** `named`: the field's name ends with the unit, so a label need not repeat it. */
  | { readonly kind: "measured"; readonly unit: Unit; readonly named: boolean }
  | { readonly kind: "count" };

/** ISO 4217, without those that are words: ALL, TOP, TRY and the like would be found in sentences. */
const CURRENCIES = new Set(
  ("AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR " +
    "NGN NOK NZD PEN PHP PKR PLN RON RUB SAR SEK SGD THB TWD UAH USD VND ZAR").split(" "),
);
const CURRENCY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:US|U\.S\.|American) dollars?\b|US\$/i, "USD"],
  [/\beuros?\b|€/i, "EUR"],
  [/\b(?:pounds? sterling|British pounds?)\b|£/i, "GBP"],
  [/\bSwiss francs?\b/i, "CHF"],
  [/\bJapanese yen\b/i, "JPY"],
];

/** Measures by the words and abbreviations that name them. */
const MEASURES: readonly (readonly [unit: string, names: string])[] = [
  ["mm", "mm millimetres millimeters"],
  ["cm", "cm centimetres centimeters"],
  ["m", "m metres meters"],
  ["km", "km kilometres kilometers"],
  ["m²", "m2 sqm"],
  ["km²", "km2 sqkm"],
  ["ha", "ha hectares"],
  ["g", "grams"],
  ["kg", "kg kilograms"],
  ["t", "tonnes"],
  ["kW", "kw kilowatts"],
  ["MW", "mw megawatts"],
  ["GW", "gw gigawatts"],
  ["kWh", "kwh"],
  ["MWh", "mwh"],
  ["GWh", "gwh"],
  ["TWh", "twh"],
  ["MB", "mb megabytes"],
  ["GB", "gb gigabytes"],
  ["TB", "tb terabytes"],
  ["°C", "celsius"],
  ["ms", "ms milliseconds"],
  ["s", "seconds"],
  ["min", "minutes"],
  ["h", "hours"],
  ["days", "days"],
  ["months", "months"],
  ["years", "years"],
  ["%", "percent pct percentage"],
];
const MEASURE_OF = new Map(
  MEASURES.flatMap(([unit, names]) => names.split(" ").map((name) => [name, unit] as const)),
);
/** A description names a measure after `in` or in brackets only: elsewhere a letter like `m` may mean anything. */
const IN_WORDS = new RegExp(
  `\\bin (${[...MEASURE_OF.keys()].join("|")})\\b|\\((${[...MEASURE_OF.keys()].join("|")})\\)`,
  "i",
);

const YEAR_NAMES = new Set(["year", "founded", "established", "incorporated", "born", "died"]);
const YEAR_WORDS =
  /^(?:the )?(?:calendar |fiscal )?year\b(?!ly)|\byear (?:of|in which|when|it)\b|\bYYYY\b/i;
const ID_NAMES = new Set(
  "id ids code zip postcode phone fax isbn issn cik ein vat duns lei serial version".split(" "),
);
const ID_WORDS =
  /(?:registration|company|organi[sz]ation|account|postal|phone|tax)[ _-]?(?:number|code)/i;
const SCALE = /\b(thousand|million|billion|trillion)s?\b/i;

/** A longer name is ignored: it may have megabytes (characters). */
const NAME_CHARS = 500;

/** Returns whether a word is a currency code and not a common word like `pen`. */
export function isCurrency(word: string): boolean {
  return CURRENCIES.has(word.toUpperCase()) && !/^(?:cop|pen)$/i.test(word);
}

/** Returns how to write the numbers of a field. */
export function numberStyle(name: string, schema: Schema | null): NumberStyle {
  if (name.length > NAME_CHARS) return numberStyle("", schema);
  const description = (descriptionOf(schema) ?? "").slice(0, 2_000);
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  if (words.some((word) => ID_NAMES.has(word)) || ID_WORDS.test(name)) return { kind: "plain" };
  if (words.some((word) => YEAR_NAMES.has(word)) || YEAR_WORDS.test(description)) {
    return { kind: "plain" };
  }
  const currency = currencyOf(words, description);
  if (currency !== null) {
    const [scale] = SCALE.exec(`${words.join(" ")} ${description}`) ?? [];
    const unit = scale === undefined
      ? { text: currency, before: true }
      : { text: `${scale.toLowerCase().replace(/s$/, "")} ${currency}`, before: false };
    return { kind: "measured", unit, named: last === currency.toLowerCase() };
  }
  const named = words.length > 1 ? MEASURE_OF.get(last) : undefined;
  const [, inWords, inBrackets] = IN_WORDS.exec(description) ?? [];
  const measure = named ?? MEASURE_OF.get((inWords ?? inBrackets ?? "").toLowerCase());
  if (measure === undefined) return { kind: "count" };
  return { kind: "measured", unit: { text: measure, before: false }, named: named !== undefined };
}

/** The only currency that the name or else the description mentions. */
function currencyOf(words: readonly string[], description: string): string | null {
  const named = words.map((word) => word.toUpperCase()).filter((word) => CURRENCIES.has(word));
  const described = [
    ...(description.match(/\b[A-Z]{3}\b/g) ?? []).filter((word) => CURRENCIES.has(word)),
    ...CURRENCY_WORDS.filter(([words]) => words.test(description)).map(([, code]) => code),
  ];
  const found = new Set(named.length > 0 ? named : described);
  return found.size === 1 ? [...found][0] ?? null : null;
}

/** `heightM`, `height_m` and `Height M` are the words height and m. */
function wordsOf(name: string): string[] {
  return name.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase().split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}
