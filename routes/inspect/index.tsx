import { page } from "fresh";
import { Head } from "fresh/runtime";
import { RULE_TEXTS } from "./(_parts)/rule_texts.ts";
import StreamInspector from "../../islands/StreamInspector.tsx";
import { PROCESSORS } from "../../lib/parallel/mod.ts";
import { define } from "../../lib/state.ts";

const RUN_PRICES = Object.fromEntries(PROCESSORS.map(({ name, price }) => [name, price]));

/** A chunk of an answer, as chat APIs send it. */
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

/** An example stream: an answer, a heartbeat, and common mistakes. */
const EXAMPLE = [
  ": an answer of a chat API, with mistakes of a hand-written server\nretry: 3000\n\n",
  chunk({ role: "assistant", content: "Server-sent events " }),
  chunk({ content: "are lines of text. " }),
  ": ping\n\n",
  'id: 7\nData: {"lost": "field names are small letters"}\nretry: 3s\n' +
  chunk({ content: "A blank line ends each one." }),
  "event: note\n\n",
  chunk({}, { choices: [], usage: { prompt_tokens: 12, completion_tokens: 16 } }),
  "data: [DONE]\n\n",
  "event: bye\ndata: the blank line after this is missing",
].join("");

export const handler = define.handlers({ GET: () => page() });

export default define.page<typeof handler>(function Inspect() {
  return (
    <>
      <Head>
        <title>Stream inspector · Taskstream</title>
      </Head>
      <h1>Stream inspector</h1>
      <p class="mt-2 mb-4 max-w-[70ch] text-soft">
        See every event of a Server-Sent Events stream with its time and bytes, the lines that break
        the standard, and what an AI API’s answer adds up to. Nothing that you paste, drop or open
        leaves this browser.
      </p>
      <noscript>
        <p class="notice calm">
          The inspector runs entirely in your browser and sends your data nowhere. It needs
          JavaScript, which is off or blocked here.
        </p>
      </noscript>
      <div class="scripted">
        <StreamInspector runPrices={RUN_PRICES} reasons={RULE_TEXTS} example={EXAMPLE} />
      </div>
    </>
  );
});
