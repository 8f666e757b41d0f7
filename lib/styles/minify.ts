/**
 * Takes comments and needless white space out of CSS. Strings are left as they are; nothing is
 * reordered or merged.
 */
const TOKEN = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\/\*[\s\S]*?\*\/|\s*([{};,>])\s*|(:)\s+|\s+/g;

/** The same rules in fewer bytes. */
export function minifyCss(css: string): string {
  return css
    .replace(TOKEN, (_all, string, mark, colon) => string ?? mark ?? colon ?? " ")
    .replaceAll(";}", "}")
    .trim();
}
