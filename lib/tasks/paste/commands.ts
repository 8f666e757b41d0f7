/** Reads requests from cURL, wget and HTTPie commands. Pure. */
import { isObject, type JsonObject, parseJson } from "../../base/mod.ts";
import { bodiesIn } from "./documents.ts";
import { type Command, type Found, type Reading, unknownNote, type Word } from "./found.ts";
import { shellCommands } from "./shell.ts";

const CURL = /(?:^|[/\\])curl(?:\.exe)?$/i;
const HTTPIE = /^(?:https?|xhs?)$/;
const WGET = /^wget$/;

/** Reads the requests that a text's commands send; `null` if it has no such command. */
export function readCommands(text: string): Reading | null {
  const commands = shellCommands(withoutPrompts(text));
  if (commands === null) {
    return /\bcurl\b/.test(text) ? { found: [], why: "This command has an unclosed quote" } : null;
  }
  return readEach(commands);
}

/** Reads the requests that commands send; `null` if none of them sends any. */
export function readEach(commands: readonly Command[]): Reading | null {
  const found: Found[] = [];
  let why: string | null = null;
  let known = 0;
  for (const command of commands) {
    const at = command.words.findIndex(({ text }) =>
      CURL.test(text) || HTTPIE.test(text) || WGET.test(text)
    );
    if (at === -1) continue;
    known++;
    const name = command.words[at]!.text;
    const args = command.words.slice(at + 1);
    const reading = HTTPIE.test(name)
      ? readHttpie(args, command.stdin)
      : readCurl(args, command, WGET.test(name) ? WGET_DATA : CURL_DATA);
    found.push(...reading.found);
    why ??= reading.why;
  }
  if (known === 0) return null;
  if (found.length > 0 && known > 1 && found.length < known) {
    const others = known - 1 === 1 ? "Another command was" : `${known - 1} other commands were`;
    const [first, ...rest] = found;
    return {
      found: [
        {
          ...first!,
          notes: [...first!.notes, `${others} left out. Only the one that sends a task was read.`],
        },
        ...rest,
      ],
      why: null,
    };
  }
  return { found, why: found.length > 0 ? null : why };
}

/** A terminal prompt before a command. */
const PROMPT =
  /^[ \t]*(?:PS [^>\n\r\u2028\u2029]*>|[A-Z]:\\[^>\n\r\u2028\u2029]*>|\(?[\w.-]+@[\w.-]+(?![\w.-])[^$#%>\n\r\u2028\u2029]*[$#%>]|[$%#>❯➜]|In \[\d+\]:|!)[ \t]*(?=(?:[A-Za-z_]\w*=|export |echo |cat |curl|https? |xhs? |wget ))/gm;

function withoutPrompts(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(PROMPT, "");
}

/** Options of curl that take a value but carry no data; letters first. Source: curl(1), 8.x. */
const WITH_VALUE = new Set([
  ..."AbcCDeEFhHKmoPQrtTuUwxXyYz".split("").map((each) => `-${each}`),
  ...("header request url user user-agent referer output cookie cookie-jar proxy max-time " +
    "connect-timeout retry retry-delay retry-max-time cacert cert key cert-type key-type ciphers " +
    "config write-out form form-string upload-file range resolve interface limit-rate dump-header " +
    "oauth2-bearer aws-sigv4 proxy-user noproxy dns-servers continue-at speed-limit speed-time " +
    "max-redirs max-filesize time-cond trace trace-ascii stderr unix-socket variable rate " +
    "proto proto-default pass pinnedpubkey connect-to http2-prior-knowledge-host url-query").split(
      " ",
    )
    .map((each) => `--${each}`),
]);

type DataKind = "joined" | "appended" | "encoded" | "form";
const CURL_DATA: ReadonlyMap<string, DataKind> = new Map([
  ...["-d", "--data", "--data-ascii", "--data-raw", "--data-binary"].map((each) =>
    [each, "joined"] as const
  ),
  ["--json", "appended"],
  ["--data-urlencode", "encoded"],
  ["-F", "form"],
  ["--form", "form"],
  ["--form-string", "form"],
]);
const WGET_DATA: ReadonlyMap<string, DataKind> = new Map([
  ["--post-data", "joined"],
  ["--body-data", "joined"],
]);

interface Piece {
  readonly kind: DataKind;
  readonly raw: boolean;
  readonly word: Word;
}

function readCurl(
  args: readonly Word[],
  { stdin, files }: Command,
  options: ReadonlyMap<string, DataKind>,
): Reading {
  const pieces = piecesOf(args, options);
  if (pieces.length === 0) {
    return { found: [], why: "This command sends no body: it needs --data or --json" };
  }
  const words: Word[] = [];
  for (const { word, raw } of pieces) {
    const file = files?.get(word.text.slice(1));
    if (raw || !word.text.startsWith("@")) words.push(word);
    else if (file !== undefined) words.push(file);
    else if (word.text === "@-" && stdin !== null && !stdin.text.startsWith("@")) words.push(stdin);
    else {
      const name = word.text === "@-" ? "its input" : "a file";
      return { found: [], why: `This command reads its body from ${name}: paste that text` };
    }
  }
  const unknown = words.flatMap(({ unknown }) => unknown);
  const texts = words.map(({ text }) => text.trim());
  const [first] = pieces;
  const notes = pieces.length === 1 ? [] : ["The parts of its body were joined."];
  // curl joins several -d with an ampersand, and several --json with nothing.
  for (const joined of [texts.join(first?.kind === "appended" ? "" : "&"), texts.join("")]) {
    const reading = bodiesIn(joined);
    if (reading.found.length > 0) return noted(reading, [...notes, ...unknown.map(unknownNote)]);
    if (pieces.length === 1 && !/^[\w.[\]-]+=/.test(joined)) return reading;
  }
  const pairs = pairsOf(pieces, texts);
  const body = pairs === null ? null : bodyOf(pairs);
  if (body !== null) {
    const note = "The command sends a form, but the API takes JSON. Its fields were converted.";
    return noted(bodiesIn(body), [note, ...unknown.map(unknownNote)]);
  }
  // If each part is a request, read the first and count the rest.
  const each = texts.map((text) => bodiesIn(text));
  const found = each.flatMap(({ found }) => found);
  return { found, why: each[0]?.why ?? null };
}

function noted({ found, why }: Reading, notes: readonly string[]): Reading {
  return { found: found.map((each) => ({ ...each, notes: [...each.notes, ...notes] })), why };
}

function piecesOf(args: readonly Word[], options: ReadonlyMap<string, DataKind>): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    const { text } = word;
    const add = (flag: string, value: Word | undefined) => {
      const kind = options.get(flag);
      if (kind === undefined || value === undefined) return;
      pieces.push({
        kind,
        raw: flag === "--data-raw" || kind !== "joined" && kind !== "appended",
        word: value,
      });
    };
    if (text.startsWith("--")) {
      const equals = text.indexOf("=");
      const flag = equals === -1 ? text : text.slice(0, equals);
      if (equals !== -1) {
        add(flag, { ...word, text: text.slice(equals + 1) });
      } else if (options.has(flag)) add(flag, args[++at]);
      else if (WITH_VALUE.has(flag)) at++;
    } else if (/^-\w/.test(text)) {
      // Flags without a value may precede one that takes the rest, or the next word.
      for (let letter = 1; letter < text.length; letter++) {
        const flag = `-${text[letter]}`;
        if (!options.has(flag) && !WITH_VALUE.has(flag)) continue;
        const rest = text.slice(letter + 1);
        add(flag, rest === "" ? args[++at] : { ...word, text: rest });
        break;
      }
    }
  }
  return pieces;
}

/** Names and values of a form body; `null` if it is not one. */
function pairsOf(
  pieces: readonly Piece[],
  texts: readonly string[],
): (readonly [string, string])[] | null {
  const pairs = texts.flatMap((text, at) =>
    pieces[at]?.kind === "joined" ? [...new URLSearchParams(text)] : [
      [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)] as const,
    ]
  );
  return pairs.every(([name]) => /^[\w.[\]-]+$/.test(name)) ? pairs : null;
}

/** Builds a body from name-value pairs. Values that are JSON are parsed. */
function bodyOf(pairs: readonly (readonly [string, string])[]): JsonObject | null {
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

/** `a[b][c]` names a member of a member, as HTTPie and forms write it. */
function put(body: JsonObject, path: string, value: unknown) {
  const [first = "", ...steps] = path.split(/[[\]]+/).filter((step, at, all) =>
    step !== "" || at < all.length - 1
  );
  let holder = body;
  let name = first;
  for (const step of steps) {
    const inner = Object.hasOwn(holder, name) ? holder[name] : undefined;
    const next: JsonObject = isObject(inner) ? inner : {};
    Object.defineProperty(holder, name, {
      value: next,
      enumerable: true,
      writable: true,
      configurable: true,
    });
    holder = next;
    name = step;
  }
  Object.defineProperty(holder, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** HTTPie's items: `name=text`, `name:=JSON`. Headers and parameters are not part of the body. */
const ITEM = /^((?:[^=:@\\]|\\.)+?)(:=@|:=|==|=@|=|@|:)([\s\S]*)$/;

function readHttpie(args: readonly Word[], stdin: Word | null): Reading {
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
          why: "This command reads its body from a file: paste the file's text",
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
    return { found: [], why: "This command reads its body from a file: paste the file's text" };
  }
  return noted(bodiesIn(raw.text), raw.unknown.map(unknownNote));
}
