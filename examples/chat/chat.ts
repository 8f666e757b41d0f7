import { collect, type Collected } from "../../lib/sse/mod.ts";
import { requestFor, type Turn } from "../apis/mod.ts";
import { figuresLine } from "./figures.ts";
import { explain } from "./problem.ts";
import type { Wait } from "./sandbox.ts";
import { COMMANDS, type Setup } from "./setup.ts";
import type { Terminal } from "./terminal.ts";

/** What the chat needs from outside. */
export interface Deps {
  readonly terminal: Terminal;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds, for durations. */
  readonly now: () => number;
  /** Milliseconds since 1970, for `Retry-After`. */
  readonly wallClock: () => number;
  readonly env: (name: string) => string | undefined;
  /** Paces the sandbox. */
  readonly wait: Wait;
}

/**
 * Ctrl-C reaches every process of a terminal, and `deno task` forwards its own as well: two signals
 * this close are one press of the keys. Milliseconds.
 */
const ONE_PRESS_MS = 150;

/** Asks one question. Returns the exit code: 0 only for a whole answer. */
export async function once(setup: Setup, question: string, deps: Deps): Promise<number> {
  const text = question.trim();
  if (text === "") {
    deps.terminal.note("The question is empty.");
    return 2;
  }
  const controller = new AbortController();
  const forget = deps.terminal.onInterrupt(() => controller.abort());
  const { end } = await ask(setup, [{ role: "user", text }], controller.signal, deps)
    .finally(forget);
  // Shells report a process that Ctrl-C ended as 128 plus the signal's number.
  return { whole: 0, stopped: 130, failed: 1 }[end];
}

/** Talks until the person leaves. Returns the exit code. */
export async function chat(setup: Setup, deps: Deps): Promise<number> {
  const { terminal, now } = deps;
  let turns: readonly Turn[] = [];
  // The last question and what was said before it, for /retry.
  let question = "";
  let before = turns;
  let answering: AbortController | undefined;
  let stoppedAt = -Infinity;
  const left = Promise.withResolvers<undefined>();
  const forget = terminal.onInterrupt(() => {
    if (answering) {
      stoppedAt = now();
      answering.abort();
    } else if (now() - stoppedAt > ONE_PRESS_MS) left.resolve(undefined);
  });
  const where = setup.sandbox ? "the sandbox (nothing leaves this machine)" : setup.url.host;
  terminal.note(`${setup.api.names[0]}, ${setup.model}, at ${where}. ${COMMANDS}`);
  try {
    for (;;) {
      const line = await Promise.race([readQuestion(deps), left.promise]);
      const text = line?.trim();
      if (text === undefined) terminal.note("");
      if (text === undefined || text === "/quit" || text === "/exit") return 0;
      const isRetry = text === "/retry" && question !== "";
      if (text === "/new") {
        turns = [];
        question = "";
        terminal.note("[new conversation]");
      } else if (text === "/help") terminal.note(COMMANDS);
      else if (text === "/retry" && !isRetry) terminal.note("There is no question to retry.");
      else if (/^\/[a-z]+$/.test(text) && !isRetry) {
        terminal.note(`Unknown command ${text}. ${COMMANDS}`);
      } else if (text !== "") {
        if (!isRetry) [before, question] = [turns, text];
        const asked: readonly Turn[] = [...before, { role: "user", text: question }];
        answering = new AbortController();
        const answer = await ask(setup, asked, answering.signal, deps);
        answering = undefined;
        if (answer.isPassing) terminal.note("/retry asks again.");
        // APIs reject empty messages and two questions in a row.
        turns = answer.text.trim() ? [...asked, { role: "assistant", text: answer.text }] : before;
      }
    }
  } finally {
    forget();
  }
}

/** Reads one question. A backslash at the end of a line continues it on the next one. */
async function readQuestion({ terminal }: Deps): Promise<string | undefined> {
  let text = "";
  for (let prompt = "> ";; prompt = ". ") {
    const line = await terminal.readLine(prompt);
    if (line === undefined) return text || undefined;
    if (!line.endsWith("\\")) return text + line;
    text += line.slice(0, -1) + "\n";
  }
}

/**
 * Sends the conversation and shows the answer as it arrives, then its figures and any problem. Returns
 * the text that arrived, how it ended (`whole` if nothing is wrong), and whether a retry may help.
 */
async function ask(
  setup: Setup,
  turns: readonly Turn[],
  signal: AbortSignal,
  { terminal, fetch, now, wallClock }: Deps,
) {
  const { api, isElsewhere, sandbox, system = "" } = setup;
  let answer: Collected = { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 };
  let end: "whole" | "stopped" | "failed" = "whole";
  let notice: string | undefined;
  let isPassing = false;
  try {
    const started = now();
    const response = await fetch(requestFor(setup, turns, signal));
    // Another server may speak any format: `collect` recognises it.
    const provider = isElsewhere ? undefined : api.provider;
    const onUpdate = (soFar: Collected) => {
      const piece = soFar.text.slice(answer.text.length);
      answer = soFar;
      if (piece) terminal.write(piece);
    };
    answer = await collect(response, { provider, onUpdate, now, started, signal });
    notice = noticeOf(answer);
    if (notice) end = "failed";
  } catch (error) {
    // The terminal is gone, as in `… | head -1`.
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    end = signal.aborted ? "stopped" : "failed";
    const problem = explain(error, setup, wallClock());
    notice = signal.aborted ? "[stopped]" : problem.words;
    isPassing = !signal.aborted && problem.isPassing;
    if (answer.text.trim()) notice += " The answer so far is kept.";
  }
  const { text } = answer;
  if (text && !text.endsWith("\n")) terminal.write("\n");
  if (notice) terminal.note(notice);
  if (text || end === "whole") {
    const sent = turns.reduce((sum, turn) => sum + turn.text.length, system.length);
    const cost = isElsewhere || setup.model !== api.model ? undefined : api.cost;
    terminal.note(figuresLine(answer, sent, cost, sandbox));
  }
  return { text, end, isPassing };
}

/** What is wrong with an answer that arrived to its end. */
function noticeOf({ finish = "", text, refusal }: Collected): string | undefined {
  if (/^(length|max_.*tokens|error_limit)$/i.test(finish)) {
    return `[cut short by the token limit (${finish})]`;
  }
  if (/filter|safety|refus|recitation|blocklist|prohibited|toxic/i.test(finish)) {
    return `[withheld by the provider (${finish})]`;
  }
  if (refusal) return "[the model refused]";
  return text ? undefined : "[the answer is empty]";
}
