/** More than this of a refusal is no message. */
const MOST_BYTES = 16 * 1024;
const MOST_CHARACTERS = 400;

/** What a server says in a body that is no stream: the message of any of the usual JSON shapes. */
export async function saidIn(response: Response): Promise<string> {
  const text = (await beginningOf(response)).trim();
  const message = messageIn(parsed(text)) ?? (/^[<{[]/.test(text) ? "" : text);
  return message.replace(/\s+/g, " ").slice(0, MOST_CHARACTERS);
}

async function beginningOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      bytes += chunk.length;
      if (bytes > MOST_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{error: {message}}`, `{error: "…"}`, `{message}`, `{detail}`, and Google's list of one. */
function messageIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return messageIn(value[0]);
  if (typeof value !== "object" || value === null) return undefined;
  for (const name of ["error", "message", "detail", "msg"]) {
    const found = messageIn(Object.getOwnPropertyDescriptor(value, name)?.value);
    if (found) return found;
  }
  return undefined;
}
