/**
 * Removes the control characters that could move the cursor, set the window's title or write the
 * clipboard. Tabs and line feeds stay.
 */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what it removes
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}

/** The terminal as the chat uses it. */
export type Terminal = ReturnType<typeof denoTerminal>;

/** The terminal of this process. Answers go to stdout, everything else to stderr. */
export function denoTerminal({ stdin, stdout, stderr } = Deno) {
  const isColoured = stderr.isTerminal() && !Deno.env.get("NO_COLOR");
  const write = (to: typeof stdout | typeof stderr, text: string) => {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
  };
  const lines = linesOf(stdin.readable);
  return {
    /** Whether a person can be asked for more. */
    isInteractive: stdin.isTerminal(),
    /** Writes a piece of an answer, unchanged if a program reads it through a pipe. */
    write: (text: string) => write(stdout, stdout.isTerminal() ? printable(text) : text),
    /** Writes a line about the answer: figures, a notice, a problem. */
    note(line: string) {
      const text = printable(line);
      write(stderr, isColoured && text ? `\x1b[2m${text}\x1b[22m\n` : text + "\n");
    },
    /** Asks for a line; `undefined` at the end of input. */
    async readLine(prompt: string): Promise<string | undefined> {
      write(stderr, prompt);
      return (await lines.next()).value;
    },
    /** Calls back at each Ctrl-C until the returned function is called. */
    onInterrupt(listener: () => void): () => void {
      Deno.addSignalListener("SIGINT", listener);
      return () => Deno.removeSignalListener("SIGINT", listener);
    },
  };
}

async function* linesOf(bytes: ReadableStream<BufferSource>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest) yield rest;
}
