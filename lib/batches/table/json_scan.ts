/** Finds its way in JSON text. Pure. */

/** Returns the offset of the comma or bracket after an element of a list, or -1 if the text ends first. */
export function elementEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = stringEnd(text, at);
        break;
      case "{":
      case "[":
        depth++;
        break;
      case "}":
      case "]":
        if (depth === 0 && text[at] === "]") return at;
        depth--;
        break;
      case ",":
        if (depth === 0) return at;
    }
  }
  return -1;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let escapes = 0;
    while (text[quote - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return quote;
    at = quote + 1;
  }
}

/** Returns the offset of the first character at or after `from` that is not white space. */
export function skipSpace(text: string, from: number): number {
  const space = /\s*/y;
  space.lastIndex = from;
  space.test(text);
  return space.lastIndex;
}
