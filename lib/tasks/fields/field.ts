/**
 * The type of a form field, and functions that make the common kinds for `table.ts`. Pure: runs in a browser.
 */
import { isObject, isStringArray, type JsonObject, parseTyped } from "../../base/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import { overLimit } from "../schema/mod.ts";
import { splitDomains } from "./hosts.ts";

/** One thing that the API would refuse. */
export interface Problem {
  /** Dotted path into the request: `task_spec.output_schema.json_schema`. */
  readonly field: string;
  /** What to change. */
  readonly message: string;
}

/** Checks a member of a request, at its path. */
export type Check = (value: unknown, path: string, request: JsonObject) => Iterable<Problem>;

/** Reports a problem with what was typed in a field. */
export type Report = (message: string) => void;

/** A value to choose, and how the form shows it. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** The folded groups of optional fields. */
export type FieldGroup =
  | "sources"
  | "webhook"
  | "metadata"
  | "mcp"
  | "place"
  | "follow_up"
  | "input";

/** How a field is edited. `tool` names the script that replaces a text area (`components/form/live/`). */
export type Control =
  | {
    readonly kind: "line";
    readonly type?: "text" | "date" | "url" | undefined;
    readonly placeholder?: string | undefined;
    readonly maxLength?: number | undefined;
  }
  | { readonly kind: "text" | "json"; readonly rows: number; readonly tool?: string | undefined }
  | { readonly kind: "choice"; readonly choices: readonly Choice[] }
  | { readonly kind: "checkbox" }
  /** Has its own component. */
  | { readonly kind: "processor" };

/** One field of the task form and its member of the request. */
export interface TaskField<Name extends string = string> {
  readonly label: string;
  readonly hint?: string | undefined;
  /** Where the form folds it away; fields without a group are always shown. */
  readonly group?: FieldGroup | undefined;
  readonly control: Control;
  /** Dotted path of the member; `null` for a field that only tells how to read another one. */
  readonly path: string | null;
  /** Its text in an empty form. Default: `""`. */
  readonly initial?: string;
  /** The message where the API requires the member and the request lacks it. */
  readonly required?: string;
  /** Whether links omit it: the URL of a webhook is often a secret. */
  readonly secret?: boolean;
  /** Whether its message lists every mistake with its line, not only the first one. */
  readonly listsMistakes?: boolean;
  /** Whether a member has the type that the form and pages rely on. */
  readonly isType: (value: unknown) => boolean;
  /** Parses trimmed text to the member; `null` and `undefined` omit it. */
  readonly parse: (
    typed: string,
    values: Readonly<Record<Name, string>>,
    report: Report,
  ) => unknown;
  /** Prints the member as text. */
  readonly print: (value: unknown, request: TaskRunInput) => string;
  /** The API's rules for the member. */
  readonly check?: Check;
  /** Normalizes a member that the API accepts in several forms. */
  readonly normalise?: (value: unknown) => unknown;
}

/** The members that every row sets itself. */
type Words = Pick<TaskField, "label" | "hint" | "group" | "path">;

interface LineWords extends Words {
  readonly type?: "text" | "date" | "url";
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** Why the API would refuse the text, or `null`. */
  readonly rule?: (text: string) => string | null;
}

/** A single line of text. */
export function line({ type, placeholder, maxLength, rule, ...words }: LineWords): TaskField {
  return {
    ...words,
    control: { kind: "line", type, placeholder, maxLength },
    isType: isText,
    parse: (typed) => typed === "" ? null : typed,
    print: textOf,
    *check(value, field) {
      const message = typeof value !== "string"
        ? "This must be text"
        : rule?.(value) ?? tooLong(value, maxLength);
      if (message !== null) yield { field, message };
    },
  };
}

function tooLong({ length }: string, max = Infinity): string | null {
  return length <= max ? null : overLimit("This has", length, max);
}

/** A list of domains. */
export function domains(words: Words & { readonly check: Check }): TaskField {
  return {
    ...words,
    control: { kind: "text", rows: 2, tool: "domains" },
    isType: isStringArray,
    parse: (typed) => {
      const named = splitDomains(typed);
      return named.length === 0 ? null : named;
    },
    print: (value) => isStringArray(value) ? value.join("\n") : "",
    normalise: (value) => isStringArray(value) ? splitDomains(value.join("\n")) : value,
  };
}

interface JsonWords extends Words {
  readonly rows: number;
  readonly tool: string;
  readonly check?: Check;
}

/** A JSON value. An empty object or list counts as absent. */
export function json({ rows, tool, ...words }: JsonWords): TaskField {
  return {
    ...words,
    control: { kind: "json", rows, tool },
    isType: isObject,
    parse: (typed, _, report) => {
      const value = parseJsonField(typed, report);
      return isObject(value) && Object.keys(value).length === 0 ? null : value;
    },
    print: (value) => isFilled(value) ? pretty(value) : "",
  };
}

/** Parses JSON text; `null` if it is empty or invalid, which is reported. */
export function parseJsonField(typed: string, report: Report): unknown {
  if (typed === "") return null;
  const read = parseTyped(typed);
  if (read.ok) return read.value;
  report(read.why);
  return null;
}

/** A few values to choose from. */
export function choice(
  { choices, wrong, ...words }: Pick<TaskField, "label" | "path" | "initial" | "print"> & {
    readonly choices: readonly Choice[];
    /** The message for any other value. */
    readonly wrong: string;
  },
): TaskField {
  return {
    ...words,
    control: { kind: "choice", choices },
    isType: isText,
    parse: (typed, _, report) => {
      if (choices.every(({ value }) => value !== typed)) report(wrong);
      return typed;
    },
  };
}

/** Types the table by its own names, so that parsers get the values by these names. */
export function fieldTable<Name extends string>(
  rows: Readonly<Record<Name, TaskField<NoInfer<Name>>>>,
): Readonly<Record<Name, TaskField<Name>>> {
  return rows;
}

export const isText = (value: unknown): value is string => typeof value === "string";

export const textOf = (value: unknown): string => isText(value) ? value : "";

/** Whether a member is left out or null. The API treats both alike. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isFilled(value: unknown): boolean {
  return !isAbsent(value) && (typeof value !== "object" || Object.keys(value).length > 0);
}

export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** Whether the text of a checkbox, from a browser or a program, means ticked. */
export function isTicked(value: string): boolean {
  return !["", "off", "false", "0"].includes(value.trim().toLowerCase());
}
