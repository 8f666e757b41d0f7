/** Checks the input against its schema, with lines, and makes a schema from an input. */
import {
  isObject,
  type JsonObject,
  lineOf,
  locateJson,
  readVerbatim,
} from "../../../lib/base/mod.ts";
import { misfitsOf, schemaOfInput } from "../../../lib/tasks/schema/mod.ts";
import { draw, type Field, fieldOf, useField } from "./field.ts";
import { useValue } from "./field.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = fieldOf(place, form);
  if (field !== null) draw(place, <InputFit field={field} form={form} />, signal);
}

function InputFit({ field, form }: { field: Field; form: HTMLFormElement }) {
  const [text, setText] = useField(field);
  const input = useValue(form, "input");
  const isJson = useValue(form, "input_format") === "json";
  const given = isJson ? objectOf(input) : null;
  const schema = objectOf(text);
  if (given === null) {
    return (
      <p class="about">
        Choose “a JSON object” for the input: a schema describes its members.
      </p>
    );
  }
  if (text.trim() === "") {
    return (
      <p>
        <button
          type="button"
          class="plain touch"
          onClick={() => setText(JSON.stringify(schemaOfInput(given), null, 2))}
        >
          Create from the input
        </button>
      </p>
    );
  }
  return schema === null ? null : <Misfits schema={schema} input={input} value={given} />;
}

function Misfits(props: { schema: JsonObject; input: string; value: JsonObject }) {
  const misfits = misfitsOf(props.schema, props.value);
  if (misfits === null) return <p class="about">This schema cannot be checked here.</p>;
  const positions = locateJson(props.input);
  return (
    <>
      <p class="about" role="status">
        {misfits.length === 0
          ? "Input matches the schema."
          : `${misfits.length} ${
            misfits.length === 1 ? "warning" : "warnings"
          }: the API accepts the input anyway.`}
      </p>
      <ul class="notes">
        {misfits.map(({ path, message }, at) => (
          <li key={at} data-severity="noted">
            <b>warning</b> line {lineOf(props.input, positions, path)} of the input: {message}
          </li>
        ))}
      </ul>
    </>
  );
}

function objectOf(text: string): JsonObject | null {
  try {
    const value = readVerbatim(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
