/** Reads requests from cURL, wget and HTTPie commands. Pure. */
import { Budget } from "./budget.ts";
import { bodiesIn } from "./documents.ts";
import {
  type Command,
  FORM_NOTE,
  type Found,
  noted,
  type Reading,
  READS_FILE,
  READS_INPUT,
  type Steps,
  unknownNote,
  type Word,
} from "./found.ts";
import { bodyOf, readHttpie } from "./items.ts";
import { shellCommands } from "./shell.ts";

/** A makefile has `@` before a command. */
const CURL = /(?:^@?|[/\\])curl(?:\.exe)?$/i;
/** A command inside a word. */
const SENDS = /\b(?:curl|https?|xhs?|wget)\s/;
const HTTPIE = /^(?:https?|xhs?)$/;
const WGET = /^wget$/;

/** Reads the requests that a text's commands send; `null` if it has no such command. */
export function* readCommands(text: string): Steps<Reading | null> {
  const budget = new Budget();
  const commands = shellCommands(withoutPrompts(text), budget);
  yield;
  if (commands === null) {
    return /\bcurl\b/.test(text) ? { found: [], why: "This command has an unclosed quote" } : null;
  }
  return yield* readEach(commands, budget);
}

/** Reads the requests that commands send; `null` if none of them sends any. */
export function* readEach(
  commands: readonly Command[],
  budget: Budget,
  depth = 0,
): Steps<Reading | null> {
  const found: Found[] = [];
  let why: string | null = null;
  let known = 0;
  for (const command of commands.map(repeated)) {
    yield;
    const at = command.words.findIndex(({ text }) =>
      CURL.test(text) || HTTPIE.test(text) || WGET.test(text)
    );
    if (at === -1) {
      // `bash -c "curl …"`, `ssh host 'curl …'`.
      const inner = depth > 2 ? [] : command.words.filter(({ text, unknown }) =>
        // The commands of a substitution are in the list.
        SENDS.test(text) && !unknown.some((each) => /^(?:`|\$\()/.test(each))
      );
      const reading = yield* readEach(
        inner.flatMap(({ text }) => shellCommands(text, budget) ?? []),
        budget,
        depth + 1,
      );
      if (reading === null) continue;
      known++;
      found.push(...reading.found);
      why ??= reading.why;
      continue;
    }
    known++;
    const name = command.words[at]!.text;
    const args = command.words.slice(at + 1);
    budget.used(command.stdin?.text);
    const reading = HTTPIE.test(name)
      ? readHttpie(args, command.stdin)
      : yield* readCurl(args, command, budget, WGET.test(name) ? WGET_DATA : CURL_DATA);
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

/** Marks the placeholder of a command that xargs or GNU parallel repeats as unknown. */
function repeated(command: Command): Command {
  const at = command.words.findIndex(({ text }) => /^(?:xargs|parallel)$/.test(text));
  if (at === -1) return command;
  const [option, next] = command.words.slice(at).flatMap(({ text }, index, words) =>
    text.startsWith("-I") ? [text, words[index + 1]?.text ?? ""] : []
  );
  const item = option === undefined ? "{}" : option.slice(2) || next || "{}";
  return {
    ...command,
    words: command.words.map(({ text, unknown }) => ({
      text,
      unknown: text.includes(item) ? [...unknown, item] : unknown,
    })),
  };
}

/** A terminal prompt before a command. */
const PROMPT =
  /^[ \t]*(?:PS [^>\n\r\u2028\u2029]*>|[A-Z]:\\[^>\n\r\u2028\u2029]*>|\(?[\w.-]+@[\w.-]+(?![\w.-])[^$#%>\n\r\u2028\u2029]*[$#%>]|[$%#>❯➜]|In \[\d+\]:|!)[ \t]*(?=(?:[A-Za-z_]\w*=|export |echo |cat |curl|https? |xhs? |wget ))/gm;

function withoutPrompts(text: string): string {
  const lines = text.replace(/\r\n/g, "\n");
  // `#` is the prompt of root. Beside a command without a prompt, it begins a comment.
  const hasPlain = /^[ \t]*(?:curl|https? |xhs? |wget )/m.test(lines);
  return lines.replace(PROMPT, (prompt) => hasPlain && prompt.trim() === "#" ? prompt : "");
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

type DataKind = "joined" | "appended" | "encoded" | "form" | "file";
const CURL_DATA: ReadonlyMap<string, DataKind> = new Map([
  ...["-d", "--data", "--data-ascii", "--data-raw", "--data-binary"].map((each) =>
    [each, "joined"] as const
  ),
  ["--json", "appended"],
  ["--data-urlencode", "encoded"],
  ["-F", "form"],
  ...["-T", "--upload-file", "-K", "--config"].map((each) => [each, "file"] as const),
  ["--form", "form"],
  ["--form-string", "form"],
]);
const WGET_DATA: ReadonlyMap<string, DataKind> = new Map([
  ["--post-data", "joined"],
  ["--body-data", "joined"],
  ["--post-file", "file"],
  ["--body-file", "file"],
]);

interface Piece {
  readonly kind: DataKind;
  readonly raw: boolean;
  readonly word: Word;
}

/** Whether a part of a body is a file: curl's `name@file`, and `name=@file` in a form. */
function isFile(kind: DataKind, text: string): boolean {
  return kind === "file" || kind === "encoded" && /^[\w.[\]-]*@/.test(text) ||
    kind === "form" && /^[\w.[\]-]+=[@<]/.test(text);
}

function* readCurl(
  args: readonly Word[],
  { stdin, files }: Command,
  budget: Budget,
  options: ReadonlyMap<string, DataKind>,
): Steps<Reading> {
  const pieces = piecesOf(args, options);
  if (pieces.length === 0) {
    return { found: [], why: "This command sends no body: it needs --data or --json" };
  }
  const words: Word[] = [];
  for (const { kind, word, raw } of pieces) {
    const file = files?.get(word.text.slice(1));
    if (isFile(kind, word.text)) return { found: [], why: READS_FILE };
    if (raw || !word.text.startsWith("@")) words.push(word);
    else if (file !== undefined) words.push(budget.used(file));
    else if (word.text === "@-" && stdin !== null && !stdin.text.startsWith("@")) {
      words.push(budget.used(stdin));
    } else {
      return { found: [], why: word.text === "@-" ? READS_INPUT : READS_FILE };
    }
  }
  const unknown = words.flatMap(({ unknown }) => unknown);
  // curl takes the type of a form's part after it.
  const texts = words.map(({ text }, at) =>
    pieces[at]?.kind === "form" ? text.replace(/;type=[^;]*$/, "").trim() : text.trim()
  );
  const [first] = pieces;
  const notes = pieces.length === 1 ? [] : ["The parts of its body were joined."];
  // curl joins several -d with an ampersand, and several --json with nothing.
  for (const joined of [texts.join(first?.kind === "appended" ? "" : "&"), texts.join("")]) {
    const reading = bodiesIn(joined);
    if (reading.found.length > 0) return noted(reading, [...notes, ...unknown.map(unknownNote)]);
    if (pieces.length === 1 && unknown.length === 0 && !/^[\w.[\]-]+=/.test(joined)) return reading;
  }
  const pairs = pairsOf(pieces, texts);
  const body = pairs === null ? null : bodyOf(pairs);
  if (body !== null) {
    return noted(bodiesIn(body), [FORM_NOTE, ...unknown.map(unknownNote)]);
  }
  // If each part is a request, read the first and count the rest.
  const each: Reading[] = [];
  for (const text of texts) {
    yield;
    each.push(bodiesIn(text));
  }
  const found = each.flatMap(({ found }) => found);
  const computed = unknown.length > 0
    ? `This command computes its body with ${unknown[0]}: paste that text`
    : null;
  return { found, why: computed ?? each[0]?.why ?? null };
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
      // `--expand-data` fills in curl's variables, which stay as `{{name}}`.
      const flag = (equals === -1 ? text : text.slice(0, equals)).replace(/^--expand-/, "--");
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
