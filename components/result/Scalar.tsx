/** Values of one line or one text, as people read them, and the note on a schema misfit. */
import type { ComponentChildren } from "preact";
import { isNumber, UNKNOWN } from "../../lib/base/mod.ts";
import {
  hostOf,
  referencesIn,
  type ShownValue,
  showValue,
  type Unit,
} from "../../lib/results/mod.ts";
import { WebLink } from "../ui/WebLink.tsx";
import { ShowAll } from "./Evidence.tsx";
import { Markdown } from "./Markdown.tsx";
import { type Place, type Reading, referenceHref } from "./reading.ts";

/** A longer text is folded after three lines. */
const FOLDED_CHARS = 400;

export interface ScalarProps extends Place {
  /** The field's name, which may contain a number's unit. */
  readonly name: string;
  /** Within a table dates are short. A unit that the column's head has is not repeated. */
  readonly inTable?: "with unit" | "without unit";
}

/** The schema misfit at a path. */
export function Misfits({ path, reading }: { path: string; reading: Reading }) {
  const misfits = reading.misfits.get(path);
  if (misfits === undefined) return null;
  return <p class="misfit">{misfits.join("; ")}</p>;
}

/** A value without members, or a line of words. */
export function Scalar({ inTable, ...place }: ScalarProps): ComponentChildren {
  const { value, schema, name } = place;
  const shown = showValue(value, schema, name, { brief: inTable !== undefined });
  switch (shown.kind) {
    case "none":
      return <span class="text-soft">{value === "" ? "empty" : UNKNOWN}</span>;
    case "number":
      return inTable === "without unit" ? shown.text : <Measured shown={shown} />;
    case "date":
      return <time datetime={String(value)}>{shown.text}</time>;
    case "link":
      return <PageLink {...place} text={shown.text} />;
    case "prose":
      return <Prose {...place} value={String(value)} />;
    case "text":
      return <bdi>{String(value)}</bdi>;
    default:
      return shown.text;
  }
}

/** A number with what it counts: a currency before it, a measure after it. */
function Measured({ shown: { text, unit } }: { shown: ShownValue }) {
  if (unit === null) return <>{text}</>;
  const mark = <small>{unit.text}</small>;
  return unit.before ? <>{mark} {text}</> : <>{text} {mark}</>;
}

/** The unit that all numbers of a column share; `null` if they differ. */
export function sharedUnit(shown: readonly ShownValue[]): Unit | null {
  const [first, ...others] = shown.filter(({ kind }) => kind !== "none");
  const unit = first?.unit ?? null;
  return others.every((other) => other.unit?.text === unit?.text) ? unit : null;
}

/** A page by its domain, and by its title if the result cites it. */
function PageLink({ value, text, reading }: ScalarProps & { text: string }) {
  const url = String(value);
  const number = reading.basisIndex.numberOf(url);
  const title = number === null ? null : reading.basisIndex.sources[number - 1]?.title ?? null;
  return (
    <>
      <WebLink href={url} class="link">{title === null ? text : hostOf(url)}</WebLink>
      {title !== null && <small>{` ${title}`}</small>}
    </>
  );
}

function Prose({ value: text, path, reading }: Place<string>) {
  const basis = reading.basisIndex.byPath.get(path);
  const references = referencesIn(text, basis === undefined ? [] : [basis], reading.basisIndex);
  const markdown = <Markdown text={text} reference={referenceHref(references)} />;
  if (text.length <= FOLDED_CHARS) return markdown;
  return (
    <div class="long">
      <div class="clamp-3">{markdown}</div>
      <ShowAll chars={text.length} />
    </div>
  );
}

/** Whether a value is a number, or missing from a column of numbers. */
export function isNumeric(value: unknown): boolean {
  return value === null || value === undefined || isNumber(value);
}
