/** A schema's fields as rows, objects with their own fields inside. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { JsonObject } from "../../../lib/base/mod.ts";
import { SCHEMA_DEPTH } from "../../../lib/parallel/mod.ts";
import {
  addField,
  type FieldKind,
  type FieldRow,
  type FieldShape,
  KINDS,
  moveField,
  removeField,
  renameField,
  rowsOf,
  setDescription,
  setRequired,
  ShapeMemory,
} from "../../../lib/tasks/schema/mod.ts";
import { keepEnter } from "./field.ts";

export interface SchemaRowsProps {
  /** As `readOrdered` reads it. */
  readonly schema: JsonObject;
  readonly onEdit: (schema: JsonObject) => void;
}

/** What people call the kinds. */
const KIND_NAMES: Readonly<Record<FieldKind, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  object: "object",
  other: "as in the JSON",
};

export function SchemaRows({ schema, onEdit }: SchemaRowsProps) {
  const { current: shapes } = useRef(new ShapeMemory());
  return (
    <div class="rows" onKeyDown={keepEnter}>
      <Fields
        rows={rowsOf(schema)}
        object=""
        level={1}
        schema={schema}
        shapes={shapes}
        onEdit={onEdit}
        label="Output fields"
      />
    </div>
  );
}

interface EditProps extends SchemaRowsProps {
  readonly shapes: ShapeMemory;
}

interface FieldsProps extends EditProps {
  readonly rows: readonly FieldRow[];
  /** JSON pointer of the object that they are fields of. */
  readonly object: string;
  readonly level: number;
  readonly label: string;
}

function Fields({ rows, object, level, schema, shapes, onEdit, label }: FieldsProps) {
  const group = useRef<HTMLDivElement>(null);
  const count = useRef(rows.length);
  useEffect(() => {
    const added = rows.length === count.current + 1;
    count.current = rows.length;
    // A field that has just been added wants a name first.
    const names = group.current?.querySelectorAll<HTMLInputElement>(
      ":scope > .schema-field > .row [data-name]",
    );
    const last = names?.[names.length - 1];
    if (!added || group.current?.dataset.adding === undefined || !last) return;
    delete group.current.dataset.adding;
    last.focus();
    last.select();
  }, [rows.length]);
  return (
    <div ref={group} role="group" aria-label={label} class={level === 1 ? "" : "nested"}>
      {rows.map((row, at) => (
        <div key={at} class="schema-field">
          <Row
            row={row}
            taken={rows.map(({ name }) => name)}
            schema={schema}
            shapes={shapes}
            onEdit={onEdit}
            first={at === 0}
            last={at === rows.length - 1}
          />
          {row.inside !== null && (
            <Fields
              rows={row.fields}
              object={row.inside}
              level={level + 1}
              schema={schema}
              shapes={shapes}
              onEdit={onEdit}
              label={`Fields of ${row.name}`}
            />
          )}
        </div>
      ))}
      {level <= SCHEMA_DEPTH && (
        <button
          id={level === 1 ? "schema-add" : undefined}
          type="button"
          class="plain touch"
          onClick={() => {
            if (group.current) group.current.dataset.adding = "";
            onEdit(addField(schema, object));
          }}
        >
          {level === 1 ? "Add a field" : "Add a field inside"}
        </button>
      )}
    </div>
  );
}

interface RowProps extends EditProps {
  readonly row: FieldRow;
  /** The names of the object's fields. */
  readonly taken: readonly string[];
  readonly first: boolean;
  readonly last: boolean;
}

function Row({ row, taken, schema, shapes, onEdit, first, last }: RowProps) {
  const { path, name, kind, list, nullable } = row;
  const [problem, setProblem] = useState({ of: name, said: "" });
  const reshape = (change: Partial<FieldShape>) =>
    onEdit(shapes.setShape(schema, path, { kind, list, nullable, ...change }));
  const rename = (to: string) => {
    const isTaken = to !== name && taken.includes(to);
    const said = to === ""
      ? "A field needs a name"
      : isTaken
      ? `Another field is called “${to}”`
      : "";
    setProblem({ of: name, said: said && `${said}: this one is still called “${name}”.` });
    if (said === "" && to !== name) onEdit(renameField(schema, path, to));
  };
  const fixed = kind === "other";
  return (
    <>
      <div class="row">
        <Text
          label="Name"
          value={name}
          isName
          onCommit={(text) => rename(text.trim())}
        />
        <label class="cell">
          Type
          <select
            value={kind}
            onChange={(event) => {
              const chosen = KINDS.find((each) => each === event.currentTarget.value);
              if (chosen) reshape({ kind: chosen });
            }}
          >
            {[...KINDS, ...fixed ? ["other" as const] : []].map((each) => (
              <option key={each} value={each}>{KIND_NAMES[each]}</option>
            ))}
          </select>
        </label>
        <Text
          label="What to find"
          value={row.description}
          onCommit={(text) => onEdit(setDescription(schema, path, text))}
        />
      </div>
      {problem.said !== "" && problem.of === name && (
        <p class="error-text" role="alert">{problem.said}</p>
      )}
      <div class="row">
        <Tick
          label="list of these"
          on={list}
          disabled={fixed}
          onTick={(on) => reshape({ list: on })}
        />
        <Tick
          label="may be null"
          on={nullable}
          disabled={fixed}
          onTick={(on) => reshape({ nullable: on })}
        />
        <Tick
          label="required"
          on={row.required}
          onTick={(on) => onEdit(setRequired(schema, path, on))}
        />
        <span class="flex gap-3">
          <Move
            label={`Move ${name} up`}
            disabled={first}
            onPress={() => onEdit(moveField(schema, path, -1))}
          >
            ↑
          </Move>
          <Move
            label={`Move ${name} down`}
            disabled={last}
            onPress={() => onEdit(moveField(schema, path, 1))}
          >
            ↓
          </Move>
          <button
            type="button"
            class="plain touch"
            aria-label={`Remove ${name}`}
            onClick={() => onEdit(removeField(schema, path))}
          >
            remove
          </button>
        </span>
        {row.also.length > 0 && (
          <span class="about">
            also in the JSON, kept as it is: <code>{row.also.join(", ")}</code>
          </span>
        )}
      </div>
    </>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly isName?: boolean;
  readonly onCommit: (text: string) => void;
}

/** A text that counts once it is left or Enter is pressed: a half-typed name is none yet. */
function Text({ label, value, isName, onCommit }: TextProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = () => {
    if (draft !== null) onCommit(draft);
    // A name that is taken or empty stays as it was, and the row says so.
    setDraft(null);
  };
  return (
    <label class={isName ? "cell" : "cell ample"}>
      {label}
      <input
        type="text"
        data-name={isName ? "" : undefined}
        class={isName ? "font-mono" : ""}
        value={draft ?? value}
        autocomplete="off"
        autocapitalize={isName ? "none" : undefined}
        spellcheck={!isName}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
    </label>
  );
}

function Tick(props: {
  label: string;
  on: boolean;
  disabled?: boolean;
  onTick: (on: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.on}
        disabled={props.disabled}
        onChange={(event) => props.onTick(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

function Move(props: { label: string; disabled: boolean; onPress: () => void; children: string }) {
  return (
    <button
      type="button"
      class="plain touch"
      aria-label={props.label}
      disabled={props.disabled}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}
