/**
 * One chat turn with any provider: the same three lines read all of their streams.
 *
 *     OPENAI_API_KEY=… deno run -A examples/chat_turn.ts openai "Why is the sky blue?"
 */
import { collect, type Collected } from "../lib/sse/mod.ts";
import { apis, requestFor } from "./apis/mod.ts";

/** Asks a question. `onText` gets each piece of the answer as it arrives. */
export async function chatTurn(
  name: string,
  key: string,
  question: string,
  onText: (piece: string) => void,
  fetch: (request: Request) => Promise<Response> = globalThis.fetch,
): Promise<Collected> {
  const api = apis.find(({ names }) => names.includes(name));
  if (!api) throw new Error(`Unknown provider ${name}`);
  const response = await fetch(requestFor({ api, key }, [{ role: "user", text: question }]));
  let shown = 0;
  return await collect(response, api.provider, {
    onUpdate({ text }) {
      if (text.length > shown) onText(text.slice(shown));
      shown = text.length;
    },
  });
}

if (import.meta.main) {
  const [name = "openai", question = "Why is the sky blue?"] = Deno.args;
  const variable = apis.find(({ names }) => names.includes(name))?.keys[0] ?? "";
  const write = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(text));
  const { usage } = await chatTurn(name, Deno.env.get(variable) ?? "", question, write);
  write(`\n${usage.outputTokens} tokens\n`);
}
