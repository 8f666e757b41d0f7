/** What the tools with rows share: rows over a JSON field, or its JSON if rows cannot show it. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Field, keepEnter, useField, useReplacement } from "./field.ts";

/** Converts between rows and the field's text. */
export interface RowsView<Row> {
  /** The rows of a text, or `null` if rows cannot show all of it. */
  readonly read: (text: string) => readonly Row[] | null;
  readonly write: (rows: readonly Row[]) => string;
}

/** The rows over a field. They are kept beside the text, which lacks a row that is half typed. */
export function useRows<Row>(field: Field, { read, write }: RowsView<Row>) {
  const [text, setText] = useField(field);
  const own = useRef(text);
  const [rows, setRows] = useState(() => read(text) ?? []);
  useLayoutEffect(() => {
    // The text was changed elsewhere.
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
  /** Whether rows can show the field's text. */
  readonly shows: boolean;
  readonly addLabel: string;
  /** About the rows; the field's own hint is about its JSON. */
  readonly hint: string;
  readonly onAdd: () => void;
  readonly full: boolean;
  readonly children: ComponentChildren;
}

/** The rows, a button that adds one, and a switch to the JSON. */
export function RowsFrame({ field, shows, addLabel, hint, onAdd, full, children }: RowsFrameProps) {
  const [asJson, setAsJson] = useState(field.getAttribute("aria-invalid") === "true");
  const replaces = shows && !asJson;
  useReplacement(field, replaces, null);
  useLayoutEffect(() => {
    const own = document.getElementById(`${field.name}-hint`);
    if (own) own.hidden = replaces;
  }, [field, replaces]);
  return (
    <div class="mt-1 rows" onKeyDown={keepEnter}>
      {replaces && <p class="text-sm text-soft">{hint}</p>}
      {replaces && children}
      <p class="flex flex-wrap gap-4 items-center">
        {replaces && !full && (
          <button
            id={`${field.name}-add`}
            type="button"
            class="plain touch"
            data-add=""
            onClick={onAdd}
          >
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
