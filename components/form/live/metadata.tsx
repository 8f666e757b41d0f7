/** Metadata as rows of name and value. */
import { METADATA_KEY_CHARS, METADATA_VALUE_CHARS } from "../../../lib/parallel/mod.ts";
import { type MetadataRow, readMetadata, writeMetadata } from "../../../lib/tasks/fields/mod.ts";
import { draw, type Field, fieldOf } from "./field.ts";
import { keepFocus } from "./keep_focus.ts";
import { Cell, RowsFrame, useRows } from "./rows.tsx";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = fieldOf(place, form);
  if (field === null) return;
  draw(place, <MetadataRows field={field} />, signal);
  keepFocus(place, signal);
}

const KINDS = [["text", "text"], ["number", "number"], ["boolean", "true or false"]] as const;
const VIEW = { read: readMetadata, write: writeMetadata };

function MetadataRows({ field }: { field: Field }) {
  const { rows, set, shows } = useRows<MetadataRow>(field, VIEW);
  const change = (at: number, more: Partial<MetadataRow>) =>
    set(rows.map((row, index) => index === at ? { ...row, ...more } : row));
  const names = rows.map(({ name }) => name).filter((name) => name !== "");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return (
    <RowsFrame
      field={field}
      shows={shows}
      addLabel="Add a pair"
      hint={`Names up to ${METADATA_KEY_CHARS} characters, text up to ${METADATA_VALUE_CHARS}.`}
      full={false}
      onAdd={() => set([...rows, { name: "", value: "", kind: "text" }])}
    >
      {rows.map((row, at) => (
        <div key={at} class="row" role="group" aria-label={`Pair ${at + 1}`}>
          <Cell
            label="Name"
            value={row.name}
            onInput={(name) => change(at, { name })}
          />
          {row.kind === "boolean"
            ? (
              <label class="cell">
                Value
                <select
                  value={row.value}
                  onChange={(event) => change(at, { value: event.currentTarget.value })}
                >
                  <option value="true">true</option>
                  <option value="false">false</option>
                </select>
              </label>
            )
            : (
              <Cell
                label="Value"
                value={row.value}
                onInput={(value) => change(at, { value })}
              />
            )}
          <label class="cell">
            Kind
            <select
              value={row.kind}
              onChange={(event) => {
                const kind = KINDS.find(([name]) => name === event.currentTarget.value)?.[0] ??
                  "text";
                change(at, { kind, value: kind === "boolean" ? "true" : row.value });
              }}
            >
              {KINDS.map(([name, label]) => <option key={name} value={name}>{label}</option>)}
            </select>
          </label>
          <button
            type="button"
            class="plain touch"
            aria-label={`Remove pair ${at + 1}`}
            onClick={() => set(rows.filter((_, index) => index !== at))}
          >
            remove
          </button>
        </div>
      ))}
      {twice !== undefined && (
        <p class="error-text" role="alert">“{twice}” is used twice: only the last one counts.</p>
      )}
    </RowsFrame>
  );
}
