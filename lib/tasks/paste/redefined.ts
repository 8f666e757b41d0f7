/** Finds built-in names that a program redefines. Pure. */
import { CONSTANTS, PARSES, SAME, type Token } from "./tokens.ts";

const DECLARES = /^(?:const|let|var|function|class|def|fn|fun|func)$/;
/** Calls that load a module, whose functions are taken for the built-in ones. */
const LOADS = /^(?:require|await|import|__import__)$/;
/** Objects whose methods the readers know. */
const HOLDERS = /^(?:JSON|Json|json|Object)$/;
/** Maximum names to report. */
const MOST = 5;

/** The names that a program declares, and uses where the readers assume the built-in one. */
export function redefined(tokens: readonly Token[], text: string): string[] {
  const own = new Map<string, Set<number>>();
  const isMark = (at: number, mark: string) =>
    tokens[at]?.kind === "mark" && tokens[at].text === mark;
  for (const [at, { kind, text: name, from }] of tokens.entries()) {
    if (kind !== "name" || !(SAME.test(name) || HOLDERS.test(name) || CONSTANTS.has(name))) {
      continue;
    }
    const before = tokens[at - 1];
    const begins = before === undefined || text.slice(before.to, from).includes("\n");
    const declares = before?.kind === "name" && DECLARES.test(before.text);
    if (!declares && !(begins && isMark(at + 1, "="))) continue;
    if (isMark(at + 1, "=") && LOADS.test(tokens[at + 2]?.text ?? "")) continue;
    own.set(name, (own.get(name) ?? new Set()).add(at));
  }
  const isUsed = (name: string, at: number) =>
    !isMark(at - 1, ".") && (CONSTANTS.has(name) || isMark(at + 1, "(") ||
      HOLDERS.test(name) && isMark(at + 1, ".") &&
        [SAME, PARSES].some((calls) => calls.test(tokens[at + 2]?.text ?? "")));
  return [...own].filter(([name, declared]) =>
    tokens.some(({ kind, text: each }, at) =>
      kind === "name" && each === name && !declared.has(at) && isUsed(name, at)
    )
  ).map(([name]) => name).slice(0, MOST);
}
