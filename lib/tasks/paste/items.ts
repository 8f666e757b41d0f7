/** Builds a request from names and values: the items of HTTPie and the fields of a form. Pure. */
import { isObject, type JsonObject, parseJson } from "../../base/mod.ts";
import { bodiesIn } from "./documents.ts";
import {
  noted,
  type Reading,
  READS_FILE,
  READS_INPUT,
  setMember,
  unknownNote,
  type Word,
} from "./found.ts";

/** Builds a body from name-value pairs. Values that are JSON are parsed. */
export function bodyOf(pairs: readonly (readonly [string, string])[]): JsonObject | null {
  const body: JsonObject = {};
  for (const [name, value] of pairs) {
    put(body, name, /^[[{]|^(?:true|false|null)$/.test(value) ? jsonOf(value) : value);
  }
  return Object.hasOwn(body, "input") ? body : null;
}

function jsonOf(text: string): unknown {
  const json = parseJson(text);
  return json.ok ? json.value : text;
}

/** `a[b][c]` names a member of a member, as HTTPie and forms write it; `a[]` and `a[0]` an item of a list. */
function put(body: JsonObject, path: string, value: unknown) {
  const [first = "", ...rest] = path.split("[");
  const steps = [first, ...rest.map((step) => step.replace(/\]$/, ""))];
  let holder: object = body;
  for (const [at, step] of steps.entries()) {
    const name = step === "" && Array.isArray(holder) ? holder.length : step;
    if (at === steps.length - 1) return setMember(holder, name, value);
    const inner: unknown = Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
    const isKept = isObject(inner) || Array.isArray(inner);
    const next: object = isKept ? inner : /^\d{0,2}$/.test(steps[at + 1]!) ? [] : {};
    if (!isKept) setMember(holder, name, next);
    holder = next;
  }
}

/** HTTPie's items: `name=text`, `name:=JSON`. Headers and parameters are not part of the body. */
const ITEM = /^((?:[^=:@\\]|\\.)+?)(:=@|:=|==|=@|=|@|:)([\s\S]*)$/;

export function readHttpie(args: readonly Word[], stdin: Word | null): Reading {
  const body: JsonObject = {};
  const unknown: string[] = [];
  let raw: Word | null = stdin;
  let items = 0;
  for (let at = 0; at < args.length; at++) {
    const { text, unknown: own } = args[at]!;
    if (text === "--raw") raw = args[++at] ?? null;
    else if (text.startsWith("--raw=")) raw = { ...args[at]!, text: text.slice(6) };
    else if (
      /^(?:-a|--auth|-A|--auth-type|-o|--output|-p|--print|--session|--timeout|--style|-s)$/.test(
        text,
      )
    ) at++;
    else if (!text.startsWith("-") && !/^(?:https?:\/\/|:)/.test(text)) {
      const [, name = "", sign = "", value = ""] = ITEM.exec(text) ?? [];
      if (sign === "=@" || sign === ":=@") {
        return {
          found: [],
          why: READS_FILE,
        };
      }
      if (sign !== "=" && sign !== ":=") continue;
      items++;
      put(body, name.replaceAll("\\", ""), sign === ":=" ? jsonOf(value) : value);
      unknown.push(...own);
    }
  }
  if (items > 0) return noted(bodiesIn(body), unknown.map(unknownNote));
  if (raw === null) return { found: [], why: "This command sends no body" };
  if (raw.text.startsWith("@")) {
    return { found: [], why: raw.text === "@-" ? READS_INPUT : READS_FILE };
  }
  return noted(bodiesIn(raw.text), raw.unknown.map(unknownNote));
}
