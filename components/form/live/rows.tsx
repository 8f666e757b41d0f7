/** What the tools with rows share: a view of rows over a JSON field, or the JSON where rows cannot show it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Field, keepEnter, useField, useReplacement } from "./field.ts";

/** How rows and the field's text turn into each other. */
export interface RowsView<Row> {
  /** The rows of a text, or `null` where rows cannot show it all. */
  readonly read: (text: string) => readonly Row[] | null;
  readonly write: (rows: readonly Row[]) => string;
}

/** Rows over a field: kept apart from the text while a row is only half typed. */
export function useRows<Row>(field: Field, { read, write }: RowsView<Row>) {
  const [text, setText] = useField(field);
  const own = useRef(text);
  const [rows, setRows] = useState(() => read(text) ?? []);
  useEffect(() => {
    // Somebody else has changed the text.
    if (text !== own.current) setRows(read(text) ?? []);
    own.current = text;
  }, [text]);
  const set = (next: readonly Row[]) => {
    own.current = write(next);
    setRows(next);
    setText(own.current);
  };
  return { rows, set, shows: read(text) !== null };
}

export interface RowsFrameProps {
  readonly field: Field;
  /** Rows can show what is in the field. */
  readonly shows: boolean;
  readonly addLabel: string;
  /** Says what the rows take; the field's own hint is about its JSON. */
  readonly hint: string;
  readonly onAdd: () => void;
  readonly full: boolean;
  readonly children: ComponentChildren;
}

/** The rows, a button for one more, and the way to the JSON. */
export function RowsFrame({ field, shows, addLabel, hint, onAdd, full, children }: RowsFrameProps) {
  const [asJson, setAsJson] = useState(field.getAttribute("aria-invalid") === "true");
  const replaces = shows && !asJson;
  useReplacement(field, replaces, null);
  useEffect(() => {
    const own = document.getElementById(`${field.name}-hint`);
    if (own) own.hidden = replaces;
  }, [field, replaces]);
  return (
    <div class="mt-1 rows" onKeyDown={keepEnter}>
      {replaces && <p class="text-sm text-muted">{hint}</p>}
      {replaces && children}
      <p class="flex flex-wrap gap-4 items-center">
        {replaces && !full && (
          <button id={`${field.name}-add`} type="button" class="plain touch" onClick={onAdd}>
            {addLabel}
          </button>
        )}
        {shows
          ? (
            <button type="button" class="plain touch" onClick={() => setAsJson(!asJson)}>
              {asJson ? "Edit as rows" : "Edit as JSON"}
            </button>
          )
          : <span class="about">Rows cannot show this: edit it as JSON.</span>}
      </p>
    </div>
  );
}

export interface CellProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "url" | "password";
  readonly placeholder?: string;
  readonly maxLength?: number;
}

/** One labelled field of a row; it has no name, so that the form does not send it. */
export function Cell({ label, value, onInput, type = "text", ...more }: CellProps) {
  return (
    <label class="cell">
      {label}
      <input
        {...more}
        type={type}
        value={value}
        autocomplete={type === "password" ? "new-password" : "off"}
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
