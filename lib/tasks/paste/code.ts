/**
 * Finds requests in code of any HTTP client or SDK: object literals and keyword arguments with the members of
 * a request, strings that hold its JSON, and members that are set afterwards. Runs nothing. Pure.
 */
import { bodiesIn, isBody } from "./documents.ts";
import { changeNote, type Found, type Reading, type Steps, unknownNote } from "./found.ts";
import { Budget, isTooMuch, TOO_MUCH, TooMuch } from "./budget.ts";
import { Literals } from "./literals.ts";
import { Statements } from "./statements.ts";
import { isKeyword, MERGES, pairAt, type Token, writtenIn } from "./tokens.ts";
import { withApiNames } from "./names.ts";
import { redefined } from "./redefined.ts";

/** Reads the requests that code sends. */
export function* readCode(text: string, budget = new Budget()): Steps<Reading> {
  const reader = new CodeReader(text, budget);
  try {
    yield* reader.run();
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
  }
  return { found: reader.result(), why: reader.why };
}

/** Calls that fill in a text: `printf`, `String.format`. */
const FORMATS = /printf$|^format(?:ted)?!?$/i;
const SPECIFIER = /%[-+\d.$]*[sdifgvqx]/g;
/** Methods that change a text. */
const CHANGES = /^(?:replace\w*|format|formatted|gsub|sub|substitute)$/;
interface Noted extends Found {
  readonly notes: string[];
}

/** Maximum changes to look for in requests. */
const MAX_CHANGES = 20;

class CodeReader {
  readonly #found: Noted[] = [];
  why: string | null = null;
  readonly #text: string;
  readonly #values: Literals;
  readonly #statements: Statements;
  /** The tokens by name. */
  #uses: Map<string, Token[]> | undefined;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.#values = new Literals(text, budget);
    this.#statements = new Statements(
      text,
      this.#values,
      (value, before) => this.#offer(value, before),
    );
  }

  *run(): Steps<void> {
    for (let at = 0; at < this.#values.tokens.length;) {
      at = this.#look(at);
      yield;
    }
  }

  /** Visits one token: reads a request that begins there, and returns the token to continue at. */
  #look(at: number): number {
    const values = this.#values;
    const { kind, text } = values.tokens[at]!;
    values.notes = [];
    values.spread = new Set();
    if (kind === "text") return /^\s*[[{]/.test(text) ? this.#inText(at) : at + 1;
    if (kind === "name") {
      const merged = MERGES.test(text) ? values.attempt(() => values.primary(at, 0)) : undefined;
      if (merged !== undefined && this.#offer(merged.value)) return merged.end;
      return this.#statements.read(at) ?? at + 1;
    }
    // PHP, Swift and Groovy write members in brackets, Ruby in a call.
    const isMap = "[(".includes(text) && pairAt(values.tokens, at + 1) !== null;
    const isCall = text === "(" &&
      (isMap || isKeyword(values.tokens, at + 1) || values.is(at + 1, "**"));
    if (kind !== "mark" || (text !== "{" && !isMap && !isCall)) return at + 1;
    const read = values.attempt(() => isCall ? values.members(at, 0, ")") : values.primary(at, 0));
    return read !== undefined && this.#offer(read.value) ? read.end : at + 1;
  }

  /**
   * Adds a request with the notes of its values. An object that is offered again stays one request. An object
   * that is made from `before`, the variable's last value, replaces that request.
   */
  #offer(value: unknown, before?: unknown): boolean {
    const { notes, spread } = this.#values;
    const known = this.#found.find(({ body }) => body === value);
    if (known !== undefined) known.notes.push(...notes);
    else if (!isBody(value) && withApiNames(this.#values.budget.used(value)) === null) return false;
    else {
      // A request that is made from another comes first, because it has more of what is sent.
      const base = this.#found.findIndex(({ body }) => spread.has(body));
      const replaces = base !== -1 && this.#isOnlyBase(this.#found[base]!.body, before) ? 1 : 0;
      this.#found.splice(base === -1 ? this.#found.length : base, replaces, { body: value, notes });
    }
    return true;
  }

  /** Whether a request is not sent itself: its variable has another value now, or is named only here. */
  #isOnlyBase(body: unknown, before: unknown): boolean {
    if (body === before) return true;
    const { tokens, variables } = this.#values;
    this.#uses ??= Map.groupBy(tokens, ({ kind, text }) => kind === "name" ? text : "");
    return [...variables].some(([name, value]) =>
      value === body && this.#uses?.get(name)?.length === 2
    );
  }

  /** Reads the requests in a string that holds JSON, whole or in parts that the program joins. */
  #inText(at: number): number {
    const values = this.#values;
    const token = values.tokens[at]!;
    const joined = values.attempt(() => values.value(at, 0, true));
    if (joined !== undefined && typeof joined.value === "string" && joined.end > at + 1) {
      const { found } = bodiesIn(joined.value);
      for (const { body, notes } of found) {
        this.#found.push({ body, notes: [...notes, ...values.notes] });
      }
      if (found.length > 0) return joined.end;
    }
    const { holes } = values;
    let { found, why } = bodiesIn(holes.filled(at));
    // An expression may have quotes or a backslash in it, and none around it: `${JSON.stringify(q)}`.
    for (const written of [(hole: string) => JSON.stringify(hole).slice(1, -1), JSON.stringify]) {
      if (found.length === 0) ({ found } = bodiesIn(holes.filled(at, written)));
    }
    // Languages differ in where a backslash is literal.
    if (found.length === 0) ({ found } = bodiesIn(writtenIn(this.#text, token)));
    const notes = [...holes.unknown(at).map(unknownNote), ...this.#changes(at)];
    this.#found.push(
      ...found.map(({ body, notes: own }) => ({ body, notes: [...own, ...notes] })),
    );
    this.why ??= why;
    return at + 1;
  }

  /** Notes on what the program does to a string. */
  #changes(at: number): string[] {
    const { tokens } = this.#values;
    const { text } = tokens[at]!;
    const [call, open, , next, method] = tokens.slice(Math.max(at - 2, 0), at + 3);
    if (at >= 2 && open?.text === "(" && FORMATS.test(call?.text ?? "")) {
      return (text.match(SPECIFIER) ?? []).map(unknownNote);
    }
    const changed = at < 2 ? tokens[at + 1] : next;
    const by = at < 2 ? tokens[at + 2] : method;
    const isChanged = changed?.kind === "mark" &&
      (changed.text === "%" || changed.text === "." && CHANGES.test(by?.text ?? ""));
    if (!isChanged) return [];
    return [changeNote(this.#text.slice(changed.from).split("\n", 1)[0]!.trim())];
  }

  /** The requests as the program leaves them, with notes about changes that were not read. */
  result(): Found[] {
    // Members of a value may have grown since it was counted.
    if (isTooMuch(this.#found.map(({ body }) => body))) {
      this.why = TOO_MUCH;
      return [];
    }
    for (const [changed, note] of this.#statements.changes.slice(0, MAX_CHANGES)) {
      const budget = new Budget();
      for (const { body, notes } of this.#found) {
        if (budget.holds(body, changed)) notes.push(note);
      }
    }
    if (this.#found.length === 0) return [];
    const own = redefined(this.#values.tokens, this.#text).map(ownNote);
    return this.#found.map(({ body, notes }) => ({
      body: isBody(body) ? body : withApiNames(body) ?? body,
      notes: [...notes, ...own],
    }));
  }
}

const ownNote = (name: string) =>
  `Your paste has its own “${name}”, which was not run: what it sends may be different.`;
