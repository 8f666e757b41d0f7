/** The parts that all rendered values share: path, basis note, schema misfit, and one-line values. */
import type { ComponentChildren } from "preact";
import { isNumber, UNKNOWN } from "../../lib/base/mod.ts";
import { referencesIn, type Schema, webUrl } from "../../lib/results/mod.ts";
import { WebLink } from "../ui/WebLink.tsx";
import { BasisNote } from "./Basis.tsx";
import { Markdown } from "./Markdown.tsx";
import { type Reading, referenceHref } from "./reading.ts";

/** A value and its path. */
export interface Place<Value = unknown> {
  readonly value: Value;
  /** The dotted path in the content; empty at the root. */
  readonly path: string;
  readonly schema: Schema | null;
  readonly reading: Reading;
}

/** A longer string, or one with a line break, is prose and may be Markdown. */
const PROSE_CHARS = 160;

/** The margin note of a path. A table cell stays in its row even without a note. */
export function Note(props: { path: string; reading: Reading; as: "dd" | "div" | "td" }) {
  const { grounds } = props.reading;
  const basis = grounds.byPath.get(props.path);
  if (basis === undefined) return props.as === "td" ? <td></td> : null;
  const note = <BasisNote basis={basis} grounds={grounds} />;
  if (props.as === "td") return <td>{note}</td>;
  return props.as === "dd" ? <dd class="note">{note}</dd> : <div class="note">{note}</div>;
}

/** The schema misfit at a path. */
export function Misfits({ path, reading }: { path: string; reading: Reading }) {
  const misfits = reading.misfits.get(path);
  if (misfits === undefined) return null;
  return <p class="misfit">{misfits.join("; ")}</p>;
}

/** A value without members, or a line of words. */
export function Scalar(
  { value, path, reading }: Omit<Place, "schema">,
): ComponentChildren {
  if (value === null || value === undefined) return <span class="text-soft">{UNKNOWN}</span>;
  if (typeof value === "string") return <Text value={value} path={path} reading={reading} />;
  if (isNumber(value)) return String(value);
  if (Array.isArray(value)) return value.map(String).join(", ") || UNKNOWN;
  return <code>{String(value)}</code>;
}

function Text({ value: text, path, reading }: Omit<Place<string>, "schema">) {
  if (text === "") return <span class="text-soft">empty</span>;
  if (webUrl(text) !== null && !/\s/.test(text)) return <WebLink href={text} class="url" />;
  if (text.length > PROSE_CHARS || text.includes("\n")) {
    const basis = reading.grounds.byPath.get(path);
    const references = referencesIn(text, basis === undefined ? [] : [basis], reading.grounds);
    return <Markdown text={text} reference={referenceHref(references)} />;
  }
  return <bdi>{text}</bdi>;
}

/** The path of a member. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** `annual_revenue` → `Annual revenue`; names that contain capitals stay. */
export function label(key: string): string {
  const words = key.replace(/[_-]+/g, " ").trim();
  return words === "" ? key : words.charAt(0).toUpperCase() + words.slice(1);
}
