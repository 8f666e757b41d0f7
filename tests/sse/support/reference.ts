import type { Reading } from "./read.ts";

/**
 * The standard's algorithm in its plainest form, over a whole stream at once: slow, obvious, and the
 * reference for the fast parser. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function reference(bytes: Uint8Array): Reading {
  const reading: Reading = { events: [], comments: [], retries: [], ignored: [], lastEventId: "" };
  const text = new TextDecoder("utf-8").decode(bytes); // strips one BOM
  const lines = text.split(/\r\n|\r|\n/);
  lines.pop(); // not ended by a line end, so not a line
  let data: string[] = [];
  let type = "";
  let id = "";
  let retry: number | undefined;
  for (const line of lines) {
    if (line === "") {
      reading.lastEventId = id;
      if (data.length) {
        const event = { id, event: type || "message", data: data.join("\n") };
        reading.events.push(retry === undefined ? event : { ...event, retry });
      }
      [data, type, retry] = [[], "", undefined];
      continue;
    }
    const [, name = "", value = ""] = /^([^:]*):? ?([^]*)$/.exec(line) ?? [];
    if (line.startsWith(":")) reading.comments.push(value);
    else if (name === "data") data.push(value);
    else if (name === "event") type = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) {
      retry = Number(value);
      reading.retries.push(retry);
    } else reading.ignored.push(line);
  }
  return reading;
}
