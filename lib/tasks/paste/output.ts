/** Computes what simple commands print, without running them: cat, echo, printf and jq. Pure. */
import { atOnce } from "../../base/mod.ts";
import type { Budget } from "./budget.ts";
import { readCode } from "./code.ts";
import { Unknown, type Word } from "./found.ts";

/** The output of a command; `null` if it is not known. */
export function outputOf(
  [name, ...words]: readonly Word[],
  stdin: Word | null,
  files: ReadonlyMap<string, Word>,
  budget: Budget,
): Word | null {
  switch (name?.text) {
    case "cat":
      return words.length === 0 ? stdin : files.get(words[0]!.text) ?? null;
    case "echo":
    case "printf":
      return printed(name.text === "printf", words, budget);
    case "jq":
      return built(words, budget);
    default:
      return null;
  }
}

function printed(formats: boolean, words: readonly Word[], budget: Budget): Word {
  const given = words.filter(({ text }, at) => at > 0 || !/^-[neE]+$/.test(text));
  const [format, ...args] = given.map(({ text }) => text);
  return {
    text: formats ? formatted(format ?? "", args, budget) : given.map(({ text }) => text).join(" "),
    unknown: given.flatMap(({ unknown }) => unknown),
  };
}

const PERCENT = /%(%|[-+ #0\d.]*[a-zA-Z])/g;
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"' }),
);

/** The output of printf, which repeats the format until no argument is left. */
function formatted(format: string, args: readonly string[], budget: Budget): string {
  const plain = format.replace(/\\([^])/g, (whole, char) => ESCAPES.get(char) ?? whole);
  const takes = (plain.match(PERCENT) ?? []).filter((each) => each !== "%%").length;
  let text = "";
  let at = 0;
  do {
    budget.spend(plain.length);
    text += plain.replace(PERCENT, (_, kind) => kind === "%" ? "%" : args[at++] ?? "");
  } while (takes > 0 && at < args.length);
  return text;
}

/** The request that `jq -n` builds. Its objects read like those of a program. */
function built(words: readonly Word[], budget: Budget): Word | null {
  const texts = words.map(({ text }) => text);
  if (!texts.some((text) => /^(?:-[a-zA-Z]*n[a-zA-Z]*|--null-input)$/.test(text))) return null;
  const lines: string[] = [];
  let filter = "";
  for (let at = 0; at < texts.length; at++) {
    const text = texts[at]!;
    const isText = text === "--arg";
    if (isText || text === "--argjson") {
      const value = texts[at + 2] ?? "";
      lines.push(`$${texts[at + 1]} = ${isText ? JSON.stringify(value) : value}`);
      at += 2;
    } else if (!text.startsWith("-")) filter = text;
  }
  // A filter that changes the object afterwards is not evaluated.
  if (/\}\s*[|+*]/.test(filter)) return null;
  const code = [...lines, filter].join("\n");
  // Its tokens.
  budget.spend(code.length * 10);
  const [found] = atOnce(readCode(code, budget)).found;
  if (found === undefined) return null;
  const unknown = words.flatMap(({ unknown }) => unknown);
  const text = JSON.stringify(found.body, (_, value) => {
    if (!(value instanceof Unknown)) return value;
    unknown.push(value.expression);
    return value.expression;
  });
  return { text, unknown };
}
