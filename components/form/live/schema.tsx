/** The editor of the output schema: rows or JSON, what the API would report, and a sample of the output. */
import { useState } from "preact/hooks";
import { type JsonObject, writeOrdered } from "../../../lib/base/mod.ts";
import { EMPTY_SCHEMA, sampleOf, SCHEMA_TEMPLATES } from "../../../lib/tasks/schema/mod.ts";
import { draw, type Field, fieldOf, useReplacement } from "./field.ts";
import { readSchema, type SchemaNote } from "./findings.ts";
import { SchemaRows } from "./schema_rows.tsx";
import { useEdits } from "./undo.ts";
import { useValue } from "./field.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = fieldOf(place, form);
  if (field !== null) draw(place, <SchemaEditor field={field} form={form} />, signal);
}

function SchemaEditor({ field, form }: { field: Field; form: HTMLFormElement }) {
  const { text, change, undo, redo } = useEdits(field);
  const processor = useValue(form, "processor");
  const [asRows, setAsRows] = useState(false);
  const { schema, ordered, editable, notes } = readSchema(text, processor);
  const replaces = asRows && editable;
  useReplacement(field, replaces, null);
  const edit = (next: JsonObject) => {
    if (next !== ordered) change(writeOrdered(next));
  };
  return (
    <div class="mt-1">
      <p class="toolbar">
        <button type="button" aria-pressed={!replaces} onClick={() => setAsRows(false)}>
          JSON
        </button>
        <button type="button" aria-pressed={replaces} onClick={() => setAsRows(true)}>
          Fields
        </button>
        <select
          aria-label="Start from a template"
          value=""
          onChange={(event) => {
            const id = event.currentTarget.value;
            event.currentTarget.value = "";
            const chosen = SCHEMA_TEMPLATES.find((each) => each.id === id);
            if (chosen) edit(chosen.schema);
          }}
        >
          <option value="">Template…</option>
          {SCHEMA_TEMPLATES.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
        </select>
        {undo && <button type="button" onClick={undo}>Undo</button>}
        {redo && <button type="button" onClick={redo}>Redo</button>}
      </p>
      {asRows && !editable && (
        <p class="about" role="status">
          Rows cannot show all of this text. Fix it as JSON first.
        </p>
      )}
      {replaces && <SchemaRows schema={ordered ?? EMPTY_SCHEMA} onEdit={edit} />}
      <Notes
        notes={notes}
        isEmpty={text.trim() === ""}
        onLine={(line) => {
          setAsRows(false);
          // The field is visible again after the next render.
          requestAnimationFrame(() => selectLine(field, line));
        }}
      />
      {schema !== null && (
        <details class="fold">
          <summary>Example output</summary>
          <pre class="code" tabIndex={0} aria-label="Sample of the output">
            {JSON.stringify(sampleOf(schema), null, 2)}
          </pre>
        </details>
      )}
    </div>
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
          ? "No schema yet."
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

/** Selects a line of the field and scrolls to it. */
function selectLine(field: Field, line: number) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const height = parseFloat(getComputedStyle(field).lineHeight) || 20;
  field.scrollTop = Math.max(0, (line - 3) * height);
}
