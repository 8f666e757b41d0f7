/** A schema's fields as one sheet of rows; the fields of an object are indented below it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type JsonObject, pointerStep } from "../../../lib/base/mod.ts";
import { SCHEMA_DEPTH } from "../../../lib/parallel/mod.ts";
import {
  addField,
  type FieldKind,
  type FieldRow,
  type FieldShape,
  KINDS,
  removeField,
  renameField,
  rowsOf,
  setDescription,
  setRequired,
  type ShapeMemory,
} from "../../../lib/tasks/schema/mod.ts";
import { Icon } from "../../ui/Icon.tsx";
import { keepEnter } from "./field.ts";
import { Grip, MoveButtons, note } from "./schema_grip.tsx";

export interface SchemaRowsProps {
  readonly schema: JsonObject;
  readonly onEdit: (schema: JsonObject) => void;
}

interface SheetProps extends SchemaRowsProps {
  readonly shapes: ShapeMemory;
}

/** What people call the kinds, and lists of them. */
const KIND_NAMES: Readonly<Record<FieldKind, readonly [one: string, list: string]>> = {
  string: ["text", "list of texts"],
  integer: ["whole number", "list of whole numbers"],
  number: ["number", "list of numbers"],
  boolean: ["yes or no", "list of yes or no"],
  object: ["object", "list of objects"],
  other: ["as in the JSON", "as in the JSON"],
};

/** A field of the schema at its place in the sheet. */
interface SheetRow {
  readonly row: FieldRow;
  /** 1 for the fields of the schema itself. */
  readonly level: number;
  /** The fields of the same object. */
  readonly siblings: readonly FieldRow[];
}

function sheetOf(rows: readonly FieldRow[], level = 1): SheetRow[] {
  return rows.flatMap((row) => [
    { row, level, siblings: rows },
    ...sheetOf(row.fields, level + 1),
  ]);
}

export function SchemaRows({ schema, onEdit, shapes }: SheetProps) {
  shapes.keep(schema);
  const sheet = useRef<HTMLOListElement>(null);
  const rows = sheetOf(rowsOf(schema));
  const [open, setOpen] = useState<string | null>(null);
  useLayoutEffect(() => {
    const { dataset = {} } = sheet.current?.parentElement ?? {};
    const { adding: object, moving } = dataset;
    delete dataset.adding;
    delete dataset.moving;
    if (moving !== undefined) {
      // The pressed button is gone from where it was: only the row that is open has such buttons.
      const buttons = [...sheet.current!.querySelectorAll<HTMLButtonElement>("[data-move]")]
        .filter(({ disabled }) => !disabled);
      (buttons.find((each) => each.dataset.move === moving) ?? buttons[0])?.focus();
    }
    if (object === undefined) return;
    // A field that has just been added wants a name first.
    const own = rows.findLastIndex(({ row }) =>
      row.path.startsWith(`${object}/properties/`) &&
      !row.path.slice(object.length + 12).includes("/")
    );
    const name = sheet.current?.children[own]?.querySelector<HTMLInputElement>("[data-name]");
    name?.focus();
    name?.select();
  });
  // The stylesheet hides the text when rows replace it.
  if (rows.length === 0) return <span data-empty></span>;
  return (
    <ol ref={sheet} class="sheet" aria-label="Output fields" onKeyDown={keepEnter}>
      {rows.map((each, at) => (
        <Row
          key={at}
          {...each}
          schema={schema}
          shapes={shapes}
          onEdit={onEdit}
          isOpen={open === each.row.path}
          onToggle={() => setOpen(open === each.row.path ? null : each.row.path)}
        />
      ))}
    </ol>
  );
}

/** Adds a field to the schema, or to one of its objects. */
export function AddField(
  { schema, onEdit, object = "", label = "Add a field" }: SchemaRowsProps & {
    /** JSON pointer of the object. */
    readonly object?: string;
    readonly label?: string;
  },
) {
  return (
    <button
      id={object === "" ? "schema-add" : undefined}
      type="button"
      onClick={(event) => {
        note(event.currentTarget, "adding", object);
        onEdit(addField(schema, object));
      }}
    >
      <Icon name="plus" /> {label}
    </button>
  );
}

interface RowProps extends SheetRow, SheetProps {
  /** Whether the row shows what it usually hides. */
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Row({ row, level, siblings, schema, shapes, onEdit, isOpen, onToggle }: RowProps) {
  const { path, name, kind, list, nullable } = row;
  const [problem, setProblem] = useState({ of: name, text: "" });
  const at = siblings.indexOf(row);
  const reshape = (change: Partial<FieldShape>) =>
    onEdit(shapes.setShape(schema, path, { kind, list, nullable, ...change }));
  const rename = (to: string) => {
    const isTaken = to !== name && siblings.some((each) => each.name === to);
    const why = to === ""
      ? "A field needs a name"
      : isTaken
      ? `Another field is called “${to}”`
      : "";
    setProblem({ of: name, text: why && `${why}: this one is still called “${name}”.` });
    if (why !== "" || to === name) return;
    shapes.rename(path, path.slice(0, path.lastIndexOf("/")) + pointerStep(to));
    onEdit(renameField(schema, path, to));
  };
  return (
    <li class="sheet-row" data-level={level}>
      <Grip {...{ schema, row, level, onEdit, isOpen, onToggle }} />
      <Text
        label={`Name of ${name}`}
        value={name}
        isName
        onCommit={(text) => rename(text.trim())}
      />
      <select
        aria-label={`Type of ${name}`}
        value={`${kind} ${list}`}
        disabled={kind === "other"}
        onChange={(event) => {
          const [to = "", isList] = event.currentTarget.value.split(" ");
          const chosen = KINDS.find((each) => each === to);
          if (chosen) reshape({ kind: chosen, list: isList === "true" });
        }}
      >
        {kind === "other" && <option value="other false">{KIND_NAMES.other[0]}</option>}
        {[false, true].flatMap((isList) =>
          KINDS.map((each) => (
            <option key={`${each} ${isList}`} value={`${each} ${isList}`}>
              {KIND_NAMES[each][isList ? 1 : 0]}
            </option>
          ))
        )}
      </select>
      <Text
        label={`Description of ${name}`}
        value={row.description}
        onCommit={(text) => onEdit(setDescription(schema, path, text))}
      />
      <button
        type="button"
        class="remove"
        aria-label={`Remove ${name}`}
        onClick={() => onEdit(removeField(schema, path))}
      >
        <Icon name="x" />
      </button>
      {problem.text !== "" && problem.of === name && (
        <p class="error-text" role="alert">{problem.text}</p>
      )}
      {(isOpen || (row.inside !== null && row.fields.length === 0)) && (
        <div class="more acts">
          {row.inside !== null && level <= SCHEMA_DEPTH && (
            <AddField
              schema={schema}
              onEdit={onEdit}
              object={row.inside}
              label={`Add a field to ${name}`}
            />
          )}
          {isOpen && (
            <>
              <Tick
                label="may be missing (null)"
                on={nullable}
                disabled={kind === "other"}
                onTick={(on) => reshape({ nullable: on })}
              />
              <Tick
                label="required"
                on={row.required}
                onTick={(on) => onEdit(setRequired(schema, path, on))}
              />
              <MoveButtons {...{ schema, row, onEdit }} places={[at, siblings.length]} />
              {row.also.length > 0 && (
                <span class="about">
                  also in the JSON, kept as it is: <code>{row.also.join(", ")}</code>
                </span>
              )}
            </>
          )}
        </div>
      )}
    </li>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly isName?: boolean;
  readonly onCommit: (text: string) => void;
}

/** Pause in typing after which a description is committed (ms). */
const REST_MS = 1_000;

/** A text that is committed on blur or Enter, so a half-typed name has no effect. */
function Text({ label, value, isName, onCommit }: TextProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = () => {
    if (draft !== null) onCommit(draft);
    // A name that is taken or empty stays as it was, and the row says so.
    setDraft(null);
  };
  useEffect(() => {
    // A pause in a description commits it too: the page may be left, or crash.
    if (draft === null || isName) return;
    const timer = setTimeout(commit, REST_MS);
    return () => clearTimeout(timer);
  });
  return (
    <input
      type="text"
      aria-label={label}
      data-name={isName ? "" : undefined}
      class={isName ? "name" : "purpose"}
      placeholder={isName ? "" : "Description"}
      value={draft ?? value}
      autocomplete="off"
      autocapitalize={isName ? "none" : undefined}
      spellcheck={!isName}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
    />
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
