/**
 * `@std/jsonc`: JSON with the comments and trailing commas that Deno accepts in `deno.json`.
 *
 * @module
 */

/** Parses JSON with comments and trailing commas. Throws a `SyntaxError`. */
export function parse(text: string): unknown {
  return JSON.parse(
    text
      // A space in place of a comment keeps the values beside it apart.
      .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\r\n]*|\/\*[^]*?\*\//g, (_, string = " ") => string)
      .replace(/("(?:[^"\\]|\\.)*")|(?<=[^\s[{,])(\s*),(?=\s*[\]}])/g, "$1$2"),
  );
}
