/**
 * Finds the class names that the sources use. A convention makes this exact: class names appear only in
 * string literals inside a `class` attribute or in arguments of `cx(…)`, and values compared in a condition
 * there stay outside.
 */

const ATTRIBUTE = /\bclass=(?:"([^"]*)"|(?=\{))/g;
const CALL = /\bcx(?=\()/g;
const LITERAL = /"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;

const PLACEHOLDER = /\$\{([^}]*)\}/g;

/** The distinct class names used in one source text, sorted. */
export function classesIn(source: string): string[] {
  const found = new Set<string>();
  const add = (text: string) => {
    for (const name of text.split(/\s+/)) if (name !== "") found.add(name);
  };
  for (const match of source.matchAll(ATTRIBUTE)) {
    if (match[1] !== undefined) add(match[1]);
    else addLiterals(balanced(source, match.index + match[0].length), add);
  }
  for (const match of source.matchAll(CALL)) {
    addLiterals(balanced(source, match.index + match[0].length), add);
  }
  return [...found].sort();
}

function addLiterals(code: string, add: (text: string) => void) {
  for (const match of code.matchAll(LITERAL)) {
    const [, plain, template = ""] = match;
    if (plain !== undefined) add(plain);
    // A template's placeholders contain code, whose literals are class names too.
    add(template.replace(PLACEHOLDER, " "));
    for (const [, inner = ""] of template.matchAll(PLACEHOLDER)) addLiterals(inner, add);
  }
}

/** Returns the bracketed expression that opens at `start`, without its brackets. */
function balanced(source: string, start: number): string {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    const char = source[at];
    if (char === "{" || char === "(") depth++;
    else if ((char === "}" || char === ")") && --depth === 0) return source.slice(start + 1, at);
  }
  return source.slice(start + 1);
}

/** Returns the class names that a stylesheet's selectors define. */
export function classesDefinedBy(css: string): Set<string> {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, "");
  return new Set(
    [...bare.matchAll(/\.(-?[a-zA-Z_][\w-]*)(?=[^{}]*\{)/g)].map((match) => match[1] ?? ""),
  );
}
