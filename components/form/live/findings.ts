/** The errors and warnings of a schema, each with its line. Pure. */
import { isObject, type JsonObject, lineOf, locateJson, parseJson } from "../../../lib/base/mod.ts";
import { processor, TASK_SPEC_CHARS } from "../../../lib/parallel/mod.ts";
import { checkOutputSchema, countFields, overLimit } from "../../../lib/tasks/schema/mod.ts";

/** An error or warning. */
export interface SchemaNote {
  /** The API would refuse it, or accept it with a warning. */
  readonly severity: "refused" | "noted";
  /** 1-based; `null` if it is about the whole schema. */
  readonly line: number | null;
  readonly message: string;
}

/** A schema's text, parsed as far as possible. */
export interface SchemaReading {
  /** The schema, or `null` if the text is not one. */
  readonly schema: JsonObject | null;
  /** Rows can edit it without losing anything. */
  readonly editable: boolean;
  readonly notes: readonly SchemaNote[];
}

/** Checks a schema's text against the API's rules, for the chosen processor. */
export function readSchema(typed: string, processorName: string): SchemaReading {
  // The form trims it: a file may begin with a byte order mark, a web page's text with no-break spaces.
  const text = typed.trimEnd().replace(/^\s+/, (space) => space.replace(/[^\n]/g, " "));
  if (text.trim() === "") return { schema: null, editable: true, notes: [] };
  const json = parseJson(text);
  if (!json.ok) {
    const line = /line (\d+)/.exec(json.why)?.[1];
    const note = {
      severity: "refused",
      line: line ? Number(line) : null,
      message: json.why + hintFor(text, json.why),
    } as const;
    return { schema: null, editable: false, notes: [note] };
  }
  const given = json.value;
  // People paste the API's whole `{"type": "json", "json_schema": …}`; the form unwraps it too.
  const wrapped = isObject(given) && isObject(given.json_schema) && given.properties === undefined;
  const schema = wrapped ? given.json_schema : given;
  const prefix = wrapped ? "/json_schema" : "";
  const positions = locateJson(text);
  const { errors, warnings } = checkOutputSchema(schema);
  const at = (path: string) => path === "" ? null : lineOf(text, positions, prefix + path);
  const notes: SchemaNote[] = [
    ...errors.map(({ path, message }) =>
      ({ severity: "refused", line: at(path), message }) as const
    ),
    ...warnings.map(({ path, message }) =>
      ({ severity: "noted", line: at(path), message }) as const
    ),
    ...positions.repeated.map((path) => ({
      severity: "refused" as const,
      line: lineOf(text, positions, path),
      message: `"${path.slice(path.lastIndexOf("/") + 1)}" is used twice here: only one of its ` +
        "values would be sent",
    })),
    ...isObject(schema) ? sizeNotes(schema, processorName) : [],
  ];
  return {
    schema: isObject(schema) ? schema : null,
    editable: isObject(schema) && !wrapped && positions.lossless,
    notes: notes.toSorted((a, b) => order(a) - order(b)),
  };
}

/** A character that cannot be seen, and is no white space of JSON. */
const INVISIBLE = /(?![ \t\n\r])[\p{Cc}\p{Cf}\p{Z}]/u;

/** What to do if the parser's reason is about a character that cannot be seen. */
function hintFor(text: string, reason: string): string {
  const offset = /position (\d+)/.exec(reason)?.[1];
  const char = offset ? text[Number(offset)] : /token '([^])'/.exec(reason)?.[1];
  return char && INVISIBLE.test(char) ? ". Delete the invisible character there" : "";
}

/** Errors first, then warnings, each in the order of the text. */
function order({ severity, line }: SchemaNote): number {
  return (severity === "refused" ? 0 : 1e9) + (line ?? 0);
}

function* sizeNotes(schema: JsonObject, name: string): Generator<SchemaNote> {
  const chars = JSON.stringify(schema).length;
  if (chars > TASK_SPEC_CHARS) {
    const message = overLimit("The schema has", chars, TASK_SPEC_CHARS);
    yield { severity: "refused", line: null, message };
  }
  const chosen = processor(name);
  const fields = countFields(schema);
  if (chosen === null || fields <= chosen.fields) return;
  const message = `${fields} output fields are many for ${chosen.name}, which fills about ` +
    `${chosen.fields} well: ask for fewer or choose a larger processor`;
  yield { severity: "noted", line: null, message };
}
