/**
 * A terminal chat in its smallest form. `examples/chat` is a complete one.
 *
 *     OPENAI_API_KEY=… deno run -A examples/terminal_chat.ts openai
 */
import { SSEError, streamTokens } from "../lib/sse/mod.ts";
import { type Api, apis, requestFor, type Turn } from "./apis/mod.ts";

/** What the chat needs from outside. */
export interface Outside {
  readonly ask: (prompt: string) => string | null;
  readonly write: (text: string) => void;
  readonly fetch: (request: Request) => Promise<Response>;
}

/** Asks, answers and remembers until the input ends. */
export async function terminalChat(api: Api, key: string, outside: Outside): Promise<void> {
  const turns: Turn[] = [];
  for (;;) {
    const question = outside.ask("> ");
    if (question === null) return;
    turns.push({ role: "user", text: question });
    const response = await outside.fetch(requestFor({ api, key }, turns));
    let answer = "";
    try {
      for await (const token of streamTokens(response, api.provider)) {
        outside.write(token);
        answer += token;
      }
      outside.write("\n");
    } catch (error) {
      if (!(error instanceof SSEError)) throw error;
      outside.write(`\n[${error.message}]\n`);
    }
    // APIs reject empty messages and two questions in a row.
    if (answer.trim()) turns.push({ role: "assistant", text: answer });
    else turns.pop();
  }
}

if (import.meta.main) {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const api = apis.find(({ names }) => names.includes(Deno.args[0] ?? "openai"))!;
  await terminalChat(api, Deno.env.get(api.keys[0]) ?? "", {
    ask: prompt,
    write: (text) => void Deno.stdout.writeSync(new TextEncoder().encode(text)),
    // On a connection that was used before, Deno may send a question twice.
    fetch: (request) => fetch(request, { client }),
  });
}
