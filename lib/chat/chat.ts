import { answer } from "./answer.ts";
import type { AskDeps } from "./ask.ts";
import { begin, change, type Conversation } from "./conversation.ts";
import { COMMANDS } from "./help.ts";
import type { Setup } from "./setup.ts";
import type { Terminal } from "./terminal.ts";

/**
 * A terminal's Ctrl-C goes to every process of the group, and `deno task` passes its own on as
 * well: two signals this close are one press of the keys. Milliseconds.
 */
const ONE_PRESS_MS = 150;

const LEAVE = Symbol("leave");

/** The conversation, until the person leaves. Gives the process's exit code. */
export async function chat(setup: Setup, terminal: Terminal, deps: AskDeps): Promise<number> {
  let conversation = begin(setup.system);
  let current: AbortController | undefined;
  let leave: (() => void) | undefined;
  let stoppedAt = -Infinity;

  const forget = terminal.onInterrupt(() => {
    if (current) {
      stoppedAt = deps.now();
      current.abort();
    } else if (deps.now() - stoppedAt > ONE_PRESS_MS) leave?.();
  });
  const nextLine = () =>
    new Promise<string | undefined | typeof LEAVE>((resolve, reject) => {
      leave = () => resolve(LEAVE);
      question(terminal).then(resolve, reject);
    }).finally(() => leave = undefined);

  try {
    greet(setup, terminal);
    for (;;) {
      const line = await nextLine();
      if (line === LEAVE || line === undefined) {
        terminal.note("");
        return 0;
      }
      const next = commanded(line, conversation, terminal);
      if (next === "leave") return 0;
      conversation = next.conversation;
      if (!next.ask) continue;

      current = new AbortController();
      const { outcome } = await answer(setup, conversation, terminal, current.signal, deps);
      current = undefined;
      if (outcome.how === "failed" && outcome.problem.retryable) {
        terminal.note("/retry asks again.");
      }
      conversation = change(conversation, { type: "answered", text: outcome.answer.text });
    }
  } finally {
    forget();
  }
}

interface Next {
  readonly conversation: Conversation;
  readonly ask?: boolean;
}

/** What a line means: a command, or the next question. */
function commanded(line: string, conversation: Conversation, terminal: Terminal): Next | "leave" {
  const text = line.trim();
  if (text === "") return { conversation };
  switch (text) {
    case "/quit":
    case "/exit":
      return "leave";
    case "/help":
      terminal.note(COMMANDS);
      return { conversation };
    case "/new":
      terminal.note("[a new conversation]");
      return { conversation: change(conversation, { type: "forgotten" }) };
    case "/retry":
      if (conversation.question) {
        return { conversation: change(conversation, { type: "asked again" }), ask: true };
      }
      terminal.note("There is nothing to ask again.");
      return { conversation };
  }
  if (/^\/[a-z]+$/.test(text)) {
    terminal.note(`There is no ${text}. ${COMMANDS}`);
    return { conversation };
  }
  return { conversation: change(conversation, { type: "asked", text }), ask: true };
}

/** One question: a line that ends in a backslash goes on in the next. */
async function question(terminal: Terminal): Promise<string | undefined> {
  let text = "";
  for (let prompt = "> ";; prompt = ". ") {
    const line = await terminal.readLine(prompt);
    if (line === undefined) return text === "" ? undefined : text;
    if (!line.endsWith("\\")) return text + line;
    text += line.slice(0, -1) + "\n";
  }
}

function greet({ api, model, url, sandbox }: Setup, terminal: Terminal): void {
  const where = sandbox ? "the embedded sandbox; nothing leaves this machine" : url.host;
  terminal.note(`${api.title}, ${model}, at ${where}. ${COMMANDS}`);
}
