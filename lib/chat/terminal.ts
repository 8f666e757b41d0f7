/** The terminal as the chat sees it; `deno_terminal.ts` has the real one, the tests have another. */
export interface Terminal {
  /** True where a person sits in front of it and can be asked for more. */
  readonly interactive: boolean;
  /** Part of an answer. */
  write(text: string): void;
  /** A line about the answer, not of it: a figure, a notice, a problem. */
  note(line: string): void;
  /** Asks for a line; `undefined` at the end of input. */
  readLine(prompt: string): Promise<string | undefined>;
  /** Everything that is typed or piped, to its end. */
  readAll(): Promise<string>;
  /** Calls back at each Ctrl-C until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
}
