/** An example stream: an answer, a heartbeat, and common mistakes. */
const chunk = (delta: unknown, rest: Record<string, unknown> = {}) =>
  `data: ${
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      model: "example-1",
      choices: [{ index: 0, delta, finish_reason: null }],
      ...rest,
    })
  }\n\n`;

export const EXAMPLE = [
  ": an answer of a chat API, with slips of a hand-written server\nretry: 3000\n\n",
  chunk({ role: "assistant", content: "Server-sent events " }),
  chunk({ content: "are lines of text. " }),
  ": ping\n\n",
  'id: 7\nData: {"lost": "field names are small letters"}\nretry: 3s\n' +
  chunk({ content: "A blank line ends each one." }),
  "event: note\n\n",
  chunk({}, { choices: [], usage: { prompt_tokens: 12, completion_tokens: 16 } }),
  "data: [DONE]\n\n",
  "event: bye\ndata: nobody sends the blank line after this",
].join("");
