/**
 * A JSON result as a person reads it: named fields, lists, tables, each field with what it rests on
 * beside it.
 */
import type { ComponentChildren } from "preact";
import { asRecord } from "../../lib/runs/event.ts";
import { UNKNOWN } from "../format.ts";
import { webUrl } from "../link.ts";
import { WebLink } from "../WebLink.tsx";
import { BasisNote } from "./Basis.tsx";
import type { Grounds } from "./grounds.ts";
import { Markdown } from "./Markdown.tsx";
import { tableColumns } from "./table.ts";

interface Place {
  readonly value: unknown;
  /** Where in the content, with dots; empty at the root. */
  readonly path: string;
  readonly grounds: Grounds;
}

/** Up to this, a list reads best in one line. */
const WORD_CHARS = 32;

/** Past this, or with a line break, a string is prose and may be markdown. */
const PROSE_CHARS = 160;

/** Any value of a result. */
export function JsonValue({ value, path, grounds }: Place) {
  if (Array.isArray(value)) return <List items={value} path={path} grounds={grounds} />;
  const record = asRecord(value);
  if (record !== null) return <Fields record={record} path={path} grounds={grounds} />;
  return <Scalar value={value} />;
}

function Fields(props: { record: Record<string, unknown>; path: string; grounds: Grounds }) {
  const entries = Object.entries(props.record);
  if (entries.length === 0) return <span class="text-muted">empty</span>;
  return (
    <dl class="fields">
      {entries.map(([key, value]) => {
        const path = join(props.path, key);
        return (
          <div key={key} class="field">
            <dt>{label(key)}</dt>
            <dd class="value">
              <JsonValue value={value} path={path} grounds={props.grounds} />
            </dd>
            <Note path={path} grounds={props.grounds} as="dd" />
          </div>
        );
      })}
    </dl>
  );
}

function List({ items, path, grounds }: { items: unknown[]; path: string; grounds: Grounds }) {
  if (items.length === 0) return <span class="text-muted">none</span>;
  const columns = tableColumns(items);
  if (columns !== null) {
    return <Table items={items} columns={columns} path={path} grounds={grounds} />;
  }
  if (items.every(isWord) && !items.some((_, at) => grounds.byPath.has(join(path, String(at))))) {
    return <ul class="words">{items.map((item, at) => <li key={at}>{String(item)}</li>)}</ul>;
  }
  return (
    <ol class="items">
      {items.map((item, index) => {
        const here = join(path, String(index));
        return (
          <li key={index}>
            <div class="value">
              <JsonValue value={item} path={here} grounds={grounds} />
            </div>
            <Note path={here} grounds={grounds} as="div" />
          </li>
        );
      })}
    </ol>
  );
}

function Table(
  props: { items: unknown[]; columns: readonly string[]; path: string; grounds: Grounds },
) {
  const { items, columns, path, grounds } = props;
  const noted = items.some((_, index) => grounds.byPath.has(join(path, String(index))));
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={path || "Table"}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={numeric(items, column) ? "number" : ""}>
                {label(column)}
              </th>
            ))}
            {noted && <th scope="col">Basis</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => {
            const here = join(path, String(index));
            const record = asRecord(item);
            return (
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column} class={numeric(items, column) ? "number" : ""}>
                    <Scalar value={record?.[column]} />
                    <Note path={join(here, column)} grounds={grounds} as="div" />
                  </td>
                ))}
                {noted && <Note path={here} grounds={grounds} as="td" />}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Only numbers, or nothing: such a column lines up at its end. */
function numeric(items: readonly unknown[], column: string): boolean {
  return items.every((item) => typeof (asRecord(item)?.[column] ?? 0) === "number");
}

/** The margin note of a path; a table cell stays in its row even when it has nothing to say. */
function Note(props: { path: string; grounds: Grounds; as: "dd" | "div" | "td" }) {
  const basis = props.grounds.byPath.get(props.path);
  if (basis === undefined) return props.as === "td" ? <td></td> : null;
  const note = <BasisNote basis={basis} grounds={props.grounds} />;
  if (props.as === "td") return <td>{note}</td>;
  return props.as === "dd" ? <dd class="note">{note}</dd> : <div class="note">{note}</div>;
}

function Scalar({ value }: { value: unknown }): ComponentChildren {
  if (value === null || value === undefined) return <span class="text-muted">{UNKNOWN}</span>;
  if (typeof value === "string") return <Text text={value} />;
  return typeof value === "number" ? String(value) : <code>{String(value)}</code>;
}

function Text({ text }: { text: string }) {
  if (text === "") return <span class="text-muted">empty</span>;
  if (webUrl(text) !== null && !/\s/.test(text)) return <WebLink href={text} class="url" />;
  if (text.length > PROSE_CHARS || text.includes("\n")) return <Markdown text={text} />;
  return <>{text}</>;
}

function isWord(value: unknown): boolean {
  if (typeof value === "string") {
    return value.length <= WORD_CHARS && value !== "" && webUrl(value) === null;
  }
  return typeof value === "number" || typeof value === "boolean";
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** `annual_revenue` → `Annual revenue`; names with capitals of their own stay. */
function label(key: string): string {
  const words = key.replace(/[_-]+/g, " ").trim();
  return words === "" ? key : words.charAt(0).toUpperCase() + words.slice(1);
}
