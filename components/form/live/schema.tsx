/** The editor of the output schema: fields or JSON, what the API would report, and a sample of the output. */
import { useMemo, useState } from "preact/hooks";
import { isObject, type JsonObject } from "../../../lib/base/mod.ts";
import { ShapeMemory } from "../../../lib/tasks/schema/mod.ts";
import { draw, type Field, fieldOf, useReplacement, useValue } from "./field.ts";
import { keepFocus } from "./keep_focus.ts";
import { readSchema } from "./findings.ts";
import { SchemaView } from "./schema_view.tsx";
import { useEdits } from "./undo.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = fieldOf(place, form);
  if (field === null) return;
  const canSuggest = place.dataset.suggest !== undefined;
  draw(place, <SchemaEditor field={field} form={form} canSuggest={canSuggest} />, signal);
  keepFocus(place, signal);
}

interface SchemaEditorProps {
  readonly field: Field;
  readonly form: HTMLFormElement;
  readonly canSuggest: boolean;
}

function SchemaEditor({ field, form, canSuggest }: SchemaEditorProps) {
  const { text, task, change, undo, redo } = useEdits(field);
  const processor = useValue(form, "processor");
  // A field with a problem shows its text as typed.
  const [asRows, setAsRows] = useState(field.getAttribute("aria-invalid") !== "true");
  const [message, setMessage] = useState("");
  const shapes = useMemo(() => new ShapeMemory(), [task]);
  const reading = readSchema(text, processor);
  useReplacement(field, asRows && reading.editable, null);
  const suggest = async () => {
    setMessage("Looking for fields in the question…");
    const { schema, note } = await suggestion(form);
    if (schema !== null) change(schema);
    setMessage(note);
  };
  return (
    <SchemaView
      reading={reading}
      task={task}
      shapes={shapes}
      isEmpty={text.trim() === ""}
      asRows={asRows}
      onEdit={(next: JsonObject) => {
        if (next !== reading.schema) change(JSON.stringify(next, null, 2));
        setMessage("");
      }}
      onRows={setAsRows}
      onLine={(line) => {
        setAsRows(false);
        // The field is visible again after the next render.
        requestAnimationFrame(() => selectLine(field, line));
      }}
      undo={undo && (() => (undo(), setMessage("")))}
      redo={redo}
      suggest={canSuggest ? suggest : null}
      message={message}
    />
  );
}

/** Asks the server for a schema for the form's question; the button without script asks the same. */
async function suggestion(
  form: HTMLFormElement,
): Promise<{ readonly schema: string | null; readonly note: string }> {
  const body = new FormData(form);
  body.set("show", "suggest");
  try {
    const response = await fetch("/tasks", {
      method: "POST",
      headers: { accept: "application/json" },
      body,
    });
    const suggestion: unknown = await response.json();
    if (!isObject(suggestion)) throw new Error("The response is not an object");
    const { schema, note } = suggestion;
    return {
      schema: typeof schema === "string" ? schema : null,
      note: typeof note === "string" ? note : "",
    };
  } catch {
    return {
      schema: null,
      note: "No suggestion: the server could not be reached, or your session has ended.",
    };
  }
}

/** Selects a line of the field and scrolls to it. */
function selectLine(field: Field, line: number) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const height = parseFloat(getComputedStyle(field).lineHeight) || 20;
  field.scrollTop = Math.max(0, (line - 3) * height);
}
