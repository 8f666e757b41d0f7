/**
 * Locates the value of a top-level member in a JSON text: `[start, end)`, or `null` if the text is not an
 * object or lacks the member. The recorder uses it to cut a result out of a terminal event, and the log
 * splices it back, so viewers get the upstream's exact bytes.
 */

/** The character codes of JSON's syntax. */
export const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a;
export const OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d, OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d;

/** The span of the member's value. */
export function memberSpan(json: string, name: string): readonly [number, number] | null {
  const key = JSON.stringify(name);
  let depth = 0;
  let expectKey = false;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) {
      const end = stringEnd(json, at);
      if (end === -1) return null;
      if (depth === 1 && expectKey) {
        expectKey = false;
        if (end - at + 1 === key.length && json.startsWith(key, at)) {
          return valueSpan(json, end + 1);
        }
      }
      at = end;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (depth === 0 && char === OPEN_BRACKET) return null;
      depth++;
      expectKey = depth === 1;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      depth--;
    } else if (char === COMMA && depth === 1) {
      expectKey = true;
    }
  }
  return null;
}

function valueSpan(json: string, keyEnd: number): readonly [number, number] | null {
  let start = json.indexOf(":", keyEnd) + 1;
  while (isSpace(json.charCodeAt(start))) start++;
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) {
      at = stringEnd(json, at);
      if (at === -1) return null;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      depth++;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      if (depth === 0) return [start, trimmedEnd(json, at)];
      depth--;
    } else if (char === COMMA && depth === 0) {
      return [start, trimmedEnd(json, at)];
    }
  }
  return null;
}

function trimmedEnd(json: string, end: number): number {
  while (isSpace(json.charCodeAt(end - 1))) end--;
  return end;
}

/** Whether a character is white space in JSON (RFC 8259, section 2). */
export function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x09 || char === 0x0a || char === 0x0d;
}

/** The index of the closing quote of the string whose opening quote is at `start`; -1 if it is unclosed. */
export function stringEnd(json: string, start: number): number {
  const quote = json.indexOf('"', start + 1);
  if (quote === -1 || json.charCodeAt(quote - 1) !== BACKSLASH) return quote;
  // Search no further for quotes: in a string of escaped quotes, that takes eight times as long.
  for (let at = start + 1; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === QUOTE) return at;
  }
  return -1;
}
