/** The chat's environment, made of plain values. */
import { apis } from "../../../examples/apis/mod.ts";
import type { Deps } from "../../../examples/chat/chat.ts";
import type { Setup } from "../../../examples/chat/setup.ts";
import type { Terminal } from "../../../examples/chat/terminal.ts";

/** A line to type, or what to do when the chat next waits for one. */
export type Typed = string | (() => void);

/** A terminal whose person follows a script. It ends its input when the script is over. */
export class FakeTerminal implements Terminal {
  readonly isInteractive: boolean;
  /** Answers, as a pipe would get them. */
  out = "";
  readonly notes: string[] = [];
  readonly prompts: string[] = [];
  /** Called at each piece of an answer. */
  onWrite: (soFar: string) => void = () => {};
  #script: Typed[];
  #listeners = new Set<() => void>();

  constructor(script: readonly Typed[], interactive = true) {
    this.#script = [...script];
    this.isInteractive = interactive;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  interrupt(): void {
    for (const listener of this.#listeners) listener();
  }

  write(text: string): void {
    this.out += text;
    this.onWrite(this.out);
  }

  note(line: string): void {
    this.notes.push(line);
  }

  readLine(prompt: string): Promise<string | undefined> {
    this.prompts.push(prompt);
    const next = this.#script.shift();
    if (typeof next !== "function") return Promise.resolve(next);
    next();
    // Nothing was typed: as with a real terminal, the read stays open.
    return new Promise(() => {});
  }

  onInterrupt(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A clock that goes on by ten milliseconds at each look. */
export function ticking(): () => number {
  let now = 0;
  return () => now += 10;
}

/** Everything {@link Deps} wants; the network is out of reach unless given. */
export function deps(terminal: FakeTerminal, more: Partial<Deps> = {}): Deps {
  return {
    terminal,
    env: () => undefined,
    fetch: () => Promise.reject(new TypeError("no network in this test")),
    now: ticking(),
    wallClock: () => Date.UTC(2026, 10, 21),
    wait: (_ms, signal) => signal.aborted ? Promise.reject(signal.reason) : Promise.resolve(),
    ...more,
  };
}

/** A setup of that API with its own address and a key. */
export function setupOf(name: string, more: Partial<Setup> = {}): Setup {
  const api = apis.find(({ names }) => names[0] === name);
  if (!api) throw new Error(`no ${name}`);
  return {
    api,
    url: new URL(api.url.replace("{model}", api.model)),
    isElsewhere: false,
    model: api.model,
    key: "sk-test",
    keyName: api.keys[0],
    sandbox: false,
    system: undefined,
    ...more,
  };
}

/** A streamed response of these pieces, which fails at the end where an error is given. */
export function streamed(pieces: readonly string[], error?: Error): Response {
  const encoder = new TextEncoder();
  const rest = pieces.map((piece) => encoder.encode(piece));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = rest.shift();
      if (next) controller.enqueue(next);
      else if (error) controller.error(error);
      else controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** An event of OpenAI's chat with a piece of text. */
export function piece(content: string): string {
  return `data: ${
    JSON.stringify({
      object: "chat.completion.chunk",
      model: "m",
      choices: [{ delta: { content } }],
    })
  }\n\n`;
}

export const STOP = `data: ${
  JSON.stringify({
    object: "chat.completion.chunk",
    choices: [{ delta: {}, finish_reason: "stop" }],
  })
}\n\n`;
