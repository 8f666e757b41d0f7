/** Builds task inputs from rows: an object of chosen columns, or a text template. Pure. */
import { inOrder, isObject, type JsonObject, parseTyped, readVerbatim } from "../../base/mod.ts";
import { TASK_SPEC_AND_INPUT_CHARS } from "../../parallel/mod.ts";
import {
  columnsOfExport,
  emptyColumns,
  isBlank,
  kindAt,
  type Table,
  type TableColumn,
  type TableRow,
} from "./table.ts";

/** One member of the input object. */
export interface InputMember {
  /** Index of the column. */
  readonly column: number;
  /** The member's name in the input. */
  readonly name: string;
}

/** How a row becomes an input. Serializable as JSON. */
export interface InputPlan {
  readonly members: readonly InputMember[];
  /** The template as texts and column indexes; `null` if the input is an object. */
  readonly template: readonly (string | number)[] | null;
  /** Some runs of an adopted group have texts, others objects: a row without a text becomes the object. */
  readonly isMixed?: true;
}

/** An error in the choice of columns or in the template. */
export interface PlanProblem {
  readonly field: "columns" | "template";
  readonly message: string;
  /** Offset in the template (UTF-16 code units); `null` if it concerns the whole field. */
  readonly offset: number | null;
}

/** The form's fields: see {@linkcode planInputs}. */
export interface PlanChoice {
  /**
   * JSON, `{"heading": "name in the input"}`; empty selects every column with a value, under its own name.
   */
  readonly columns: string;
  /** A text with `{{column}}` placeholders; empty if the input is the object. */
  readonly template: string;
}

export type PlannedInputs =
  | { readonly ok: true; readonly plan: InputPlan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

/** Reads the form's choice. */
export function planInputs(table: Table, choice: PlanChoice): PlannedInputs {
  const problems: PlanProblem[] = [];
  const members = readMembers(table, choice.columns, problems);
  const template = choice.template.trim() === ""
    ? null
    : readTemplate(table.columns, members, choice.template, problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, plan: { members, template } };
}

function readMembers(table: Table, text: string, problems: PlanProblem[]): InputMember[] {
  const wrong = (message: string) => {
    problems.push({ field: "columns", message, offset: null });
    return [];
  };
  if (text.trim() === "") {
    const left = new Set([...emptyColumns(table), ...columnsOfExport(table)]);
    return table.columns.flatMap(({ name }, column) => left.has(column) ? [] : [{ column, name }]);
  }
  const parsed = parseTyped(text.trim());
  if (!parsed.ok) return wrong(parsed.why);
  if (!isObject(parsed.value)) {
    return wrong(
      'Write the columns as a JSON object of names, such as {"Company name": "company"}.',
    );
  }
  const members: InputMember[] = [];
  const names = new Set<string>();
  for (const [heading, wanted] of Object.entries(parsed.value)) {
    const column = columnNamed(table.columns, heading);
    if (column === -1) wrong(`The table has no column “${heading}”.`);
    else if (typeof wanted !== "string" || wanted.trim() === "") {
      wrong(`Give the column “${heading}” a name in the input, as a string.`);
    } else if (names.has(wanted.trim())) {
      wrong(`Two columns are called “${wanted.trim()}” in the input. Give each its own name.`);
    } else {
      names.add(wanted.trim());
      members.push({ column, name: wanted.trim() });
    }
  }
  return members.length === 0 && problems.length === 0
    ? wrong("Choose at least one column.")
    : members.sort((a, b) => a.column - b.column);
}

/** Finds a column by exact name, or the only one that differs just in case or spaces; otherwise -1. */
function columnNamed(columns: readonly TableColumn[], wanted: string): number {
  const exact = columns.findIndex(({ name, heading }) => name === wanted || heading === wanted);
  if (exact !== -1) return exact;
  const plain = (name: string) => name.replace(/\s+/g, " ").trim().toLowerCase();
  const alike = columns.flatMap(({ name }, at) => plain(name) === plain(wanted) ? [at] : []);
  return alike.length === 1 ? alike[0]! : -1;
}

/** A placeholder, an escaped brace, or an unclosed brace. */
const PLACE = /\\(\{\{)|\{\{((?:(?!\}\}|\{\{)[^])*)(\}\})?/g;

function readTemplate(
  columns: readonly TableColumn[],
  members: readonly InputMember[],
  text: string,
  problems: PlanProblem[],
): (string | number)[] {
  const parts: (string | number)[] = [];
  let copied = 0;
  const wrong = (message: string, offset: number | null) =>
    void problems.push({ field: "template", message, offset });
  for (const { 0: whole, 1: escaped, 2: name = "", 3: close, index } of text.matchAll(PLACE)) {
    parts.push(text.slice(copied, index));
    copied = index + whole.length;
    if (escaped !== undefined) {
      parts.push(escaped);
    } else if (close === undefined) {
      wrong("This “{{” is never closed. Write “\\{{” for literal braces.", index);
    } else {
      const renamed = members.find((member) => member.name === name.trim());
      const known = columnNamed(columns, name.trim());
      const column = known === -1 ? renamed?.column ?? -1 : known;
      if (column === -1) wrong(`The table has no column “${name.trim()}”.`, index);
      parts.push(column);
    }
  }
  parts.push(text.slice(copied));
  if (problems.length === 0 && !parts.some((part) => typeof part === "number")) {
    wrong("The text has no {{column}}, so every row would ask the same question. Add one.", null);
  }
  return parts.filter((part) => part !== "");
}

/** Builds a row's input. An object omits empty cells and failed formulas. */
export function inputOf(plan: InputPlan, row: TableRow): JsonObject | string {
  const hasText = !plan.isMixed || placesOf(plan.template).some((at) => textAt(row, at) !== "");
  if (plan.template !== null && hasText) {
    return plan.template.map((part) => typeof part === "string" ? part : textAt(row, part)).join(
      "",
    );
  }
  return inOrder(
    plan.members.flatMap(({ column, name }) => {
      const value = valueAt(row, column);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The columns in a template. */
function placesOf(template: InputPlan["template"]): number[] {
  return template?.filter((part) => typeof part === "number") ?? [];
}

function textAt(row: TableRow, column: number): string {
  return kindAt(row, column) === "error" ? "" : (row.cells[column] ?? "").trim();
}

/** A cell's value; `undefined` if it is empty. Text such as `007` stays text. */
function valueAt(row: TableRow, column: number): unknown {
  const text = textAt(row, column);
  if (text === "") return undefined;
  switch (kindAt(row, column)) {
    case "boolean":
      return text.toLowerCase() === "true";
    case "number":
    case "json":
      return readOr(text);
    default:
      return text;
  }
}

function readOr(text: string): unknown {
  try {
    return readVerbatim(text);
  } catch {
    return text;
  }
}

/** The input's length as JSON, which is what the API limits. */
export function inputChars(input: JsonObject | string): number {
  return JSON.stringify(input).length;
}

/** Why a row cannot be sent. */
export interface InputProblem {
  /** Index of the row. */
  readonly row: number;
  readonly line: number;
  readonly message: string;
}

/**
 * Finds up to `most` rows that cannot be sent: rows that are empty in the chosen columns, and rows that
 * exceed the API's limit together with a task specification of `specChars` characters. Yields after each row;
 * run it with `inTurns` or `atOnce` from `lib/base/paced.ts`.
 */
export function* inputProblems(
  table: Table,
  plan: InputPlan,
  specChars: number,
  most = 100,
): Generator<"", InputProblem[]> {
  const problems: InputProblem[] = [];
  const room = TASK_SPEC_AND_INPUT_CHARS - specChars;
  const used = plan.template === null || plan.isMixed
    ? plan.members.map(({ column }) => column)
    : placesOf(plan.template);
  for (const [at, row] of table.rows.entries()) {
    if (problems.length >= most) break;
    yield "";
    if (used.every((column) => isBlank(textAt(row, column)))) {
      problems.push({
        row: at,
        line: row.line,
        message: "The row is empty in the chosen columns.",
      });
      continue;
    }
    const chars = inputChars(inputOf(plan, row));
    if (chars <= room) continue;
    problems.push({
      row: at,
      line: row.line,
      message: `The input has ${chars} characters; the API takes ${
        Math.max(room, 0)
      } beside this task. Leave out a column with long texts.`,
    });
  }
  return problems;
}
