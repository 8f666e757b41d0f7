/**
 * Locates the value of a top-level member in a JSON text: `[start, end)`, or `null` if the text is not an
 * object or lacks the member. The recorder uses it to cut a result out of a terminal event, and the log
 * splices it back, so viewers get the upstream's exact bytes.
 */
export function memberSpan(json: string, name: string): readonly [number, number] | null {
  const key = JSON.stringify(name);
  let depth = 0;
  let expectKey = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') {
      const end = stringEnd(json, at);
      if (end === -1) return null;
      if (depth === 1 && expectKey) {
        expectKey = false;
        if (json.slice(at, end) === key) return valueSpan(json, end);
      }
      at = end - 1;
    } else if (char === "{" || char === "[") {
      if (depth === 0 && char === "[") return null;
      depth++;
      expectKey = depth === 1;
    } else if (char === "}" || char === "]") {
      depth--;
    } else if (char === "," && depth === 1) {
      expectKey = true;
    }
  }
  return null;
}

/** The index after the string that starts at `start`; -1 if it is unclosed. */
function stringEnd(json: string, start: number): number {
  for (let at = start + 1;;) {
    const quote = json.indexOf('"', at);
    if (quote === -1) return -1;
    let escapes = 0;
    while (json[quote - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function valueSpan(json: string, keyEnd: number): readonly [number, number] | null {
  let start = json.indexOf(":", keyEnd) + 1;
  while (/\s/.test(json[start] ?? "")) start++;
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const char = json[at];
    if (char === '"') {
      const end = stringEnd(json, at);
      if (end === -1) return null;
      at = end - 1;
    } else if (char === "{" || char === "[") {
      depth++;
    } else if (char === "}" || char === "]") {
      if (depth === 0) return [start, trimmedEnd(json, at)];
      depth--;
    } else if (char === "," && depth === 0) {
      return [start, trimmedEnd(json, at)];
    }
  }
  return null;
}

function trimmedEnd(json: string, end: number): number {
  while (/\s/.test(json[end - 1] ?? "")) end--;
  return end;
}
