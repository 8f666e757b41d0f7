/** The look of the schema's editor, drawn by the server first and by the tool from then on. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { JsonObject } from "../../../lib/base/mod.ts";
import {
  EMPTY_SCHEMA,
  sampleOf,
  SCHEMA_TEMPLATES,
  ShapeMemory,
} from "../../../lib/tasks/schema/mod.ts";
import { Icon } from "../../ui/Icon.tsx";
import type { SchemaNote, SchemaReading } from "./findings.ts";
import { AddField, SchemaRows } from "./schema_rows.tsx";

export interface SchemaViewProps {
  readonly reading: SchemaReading;
  /** The number of the task in the form: the rows of another task remember nothing of this one. */
  readonly task?: number;
  readonly shapes?: ShapeMemory;
  /** There is no text yet. */
  readonly isEmpty: boolean;
  /** Fields in rows; otherwise the text itself. */
  readonly asRows: boolean;
  readonly onEdit: (schema: JsonObject) => void;
  readonly onRows: (asRows: boolean) => void;
  readonly onLine: (line: number) => void;
  readonly undo: (() => void) | null;
  readonly redo: (() => void) | null;
  /** Drafts the fields from the question; `null` if there is none. */
  readonly suggest: (() => void) | null;
  /** What the last suggestion was, or why there is none. */
  readonly message: string;
}

/** The editor before its script has loaded. */
export const IDLE = {
  onEdit: () => {},
  onRows: () => {},
  onLine: () => {},
  undo: null,
  redo: null,
  message: "",
} as const;

export function SchemaView(props: SchemaViewProps) {
  const { reading: { schema, editable, notes }, isEmpty, asRows, onEdit } = props;
  const replaces = asRows && editable;
  const shapes = props.shapes ?? new ShapeMemory();
  const acts = useRef<HTMLDivElement>(null);
  const isStep = useRef(false);
  useLayoutEffect(() => {
    // After the last step the pressed button is gone. The other one takes the focus.
    const isLost = isStep.current && document.activeElement === document.body;
    isStep.current = false;
    if (isLost) acts.current?.querySelector<HTMLElement>("[data-step]")?.focus();
  });
  const step = (icon: ComponentChildren, go: (() => void) | null) =>
    go && (
      <button type="button" data-step="" onClick={() => (isStep.current = true, go())}>
        {icon}
      </button>
    );
  return (
    <>
      {asRows && !editable && (
        <p class="about" role="status">
          Rows cannot show all of this text. Fix it as JSON first.
        </p>
      )}
      {replaces && (
        <SchemaRows key={props.task} schema={schema ?? EMPTY_SCHEMA} {...{ shapes, onEdit }} />
      )}
      <div ref={acts} class="acts">
        {replaces && <AddField schema={schema ?? EMPTY_SCHEMA} onEdit={onEdit} />}
        {props.suggest && (
          <button type="button" onClick={props.suggest}>
            <Icon name="wand-sparkles" /> Suggest from the question
          </button>
        )}
        <button type="button" onClick={() => props.onRows(!asRows)}>
          <Icon name={asRows ? "braces" : "list"} /> {asRows ? "Edit as JSON" : "Edit as fields"}
        </button>
        <label>
          <Icon name="file-text" /> Template
          <select
            value=""
            onChange={(event) => {
              const id = event.currentTarget.value;
              event.currentTarget.value = "";
              const chosen = SCHEMA_TEMPLATES.find((each) => each.id === id);
              if (chosen) onEdit(chosen.schema);
            }}
          >
            <option value="">Choose</option>
            {SCHEMA_TEMPLATES.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
          </select>
        </label>
        {step([<Icon key="icon" name="undo-2" />, " Undo"], props.undo)}
        {step("Redo", props.redo)}
        {schema !== null && (
          <details class="option">
            <summary>
              <Icon name="eye" /> Example output
            </summary>
            <pre class="code" tabIndex={0} aria-label="Sample of the output">
              {JSON.stringify(sampleOf(schema), null, 2)}
            </pre>
          </details>
        )}
      </div>
      <p class="about" role="status">{props.message}</p>
      <Notes notes={notes} isEmpty={isEmpty} onLine={props.onLine} />
    </>
  );
}

function Notes({ notes, isEmpty, onLine }: {
  notes: readonly SchemaNote[];
  isEmpty: boolean;
  onLine: (line: number) => void;
}) {
  const errors = notes.filter(({ severity }) => severity === "refused").length;
  return (
    <>
      <p class="about" role="status">
        {isEmpty
          ? "No fields yet: add one, or start from a template."
          : notes.length === 0
          ? "Schema OK."
          : `${plural(errors, "error")}, ${plural(notes.length - errors, "warning")}.`}
      </p>
      <ul class="notes">
        {notes.map(({ severity, line, message }, at) => (
          <li key={at} data-severity={severity}>
            <b>{severity === "refused" ? "error" : "warning"}</b> {line !== null && (
              <button
                type="button"
                class="plain touch"
                onClick={() => onLine(line)}
              >
                line {line}
              </button>
            )} {message}
          </li>
        ))}
      </ul>
    </>
  );
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
