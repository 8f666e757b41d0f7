/** JSON as a tree that folds. Folded parts are not in the document. */
import { useState } from "preact/hooks";
import { count, Numeral } from "../../../lib/base/mod.ts";

/** Items shown at once of a long list or object. */
const STEP = 100;
/** Characters shown of a long string. */
const LONG = 2000;

interface NodeProps {
  readonly name?: string;
  readonly value: unknown;
  readonly open?: boolean;
}

/** Any JSON value; objects and lists unfold. */
export function JsonFold({ name, value, open = false }: NodeProps) {
  if (typeof value === "object" && value !== null && !(value instanceof Numeral)) {
    return <Branch name={name} value={value} open={open} />;
  }
  return (
    <div class="leaf">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span class="json-name">{`${name}: `}</span>;
}

function Leaf({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  const [type, text] = value instanceof Numeral
    ? ["number", value.text]
    : [typeof value, JSON.stringify(value)];
  if (all || text.length <= LONG) return <span class="json-leaf" data-type={type}>{text}</span>;
  return (
    <>
      <span class="json-leaf" data-type={type}>{`${text.slice(0, LONG)}… `}</span>
      <button type="button" class="plain" onClick={() => setAll(true)}>
        all {count(text.length)} characters
      </button>
    </>
  );
}

function Branch(props: { name: string | undefined; value: object; open: boolean }) {
  const [open, setOpen] = useState(props.open);
  const [most, setMost] = useState(STEP);
  const list = Array.isArray(props.value);
  const entries = Object.entries(props.value);
  const size = entries.length;
  if (size === 0) {
    return (
      <div class="leaf">
        <Name name={props.name} />
        {list ? "[]" : "{}"}
      </div>
    );
  }
  return (
    <details
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <Name name={props.name} />
        <span class="text-soft">
          {list ? `[ ${count(size)} ]` : `{ ${keys(entries)} }`}
        </span>
      </summary>
      {open && (
        <div class="branch">
          {entries.slice(0, most).map(([key, value]) => (
            <JsonFold key={key} name={key} value={value} open={size === 1} />
          ))}
          {size > most && (
            <button type="button" class="plain" onClick={() => setMost(most + STEP)}>
              {count(size - most)} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function keys(entries: readonly (readonly [string, unknown])[]): string {
  const names = entries.slice(0, 4).map(([key]) => key).join(", ");
  return entries.length > 4 ? `${names}, …` : names;
}
