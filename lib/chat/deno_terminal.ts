import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

/** Where the real terminal's bytes come from and go to. */
export interface Streams {
  readonly stdin: typeof Deno.stdin;
  readonly stdout: typeof Deno.stdout;
  readonly stderr: typeof Deno.stderr;
}

/** The process's own terminal. Answers go to stdout, everything else to stderr. */
export function denoTerminal(colour: boolean, { stdin, stdout, stderr }: Streams = Deno): Terminal {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const dim = (text: string) =>
    text && colour && stderr.isTerminal() ? `\x1b[2m${text}\x1b[22m` : text;
  // What a program reads from the pipe is the answer as it came.
  const safe = (text: string) => stdout.isTerminal() ? printable(text) : text;
  const chunks = () => stdin.readable.values({ preventCancel: true });
  let reading: AsyncIterator<Uint8Array> | undefined;
  let buffered = "";

  /** The next line, with its end if it has one. */
  async function line(): Promise<string> {
    reading ??= chunks();
    for (;;) {
      const end = buffered.indexOf("\n") + 1;
      if (end > 0) {
        const found = buffered.slice(0, end);
        buffered = buffered.slice(end);
        return found;
      }
      const { done, value } = await reading.next();
      if (done) {
        const rest = buffered;
        buffered = "";
        return rest;
      }
      buffered += decoder.decode(value, { stream: true });
    }
  }

  return {
    interactive: stdin.isTerminal(),
    write: (text) => writeAll(stdout, encoder.encode(safe(text))),
    note: (text) => writeAll(stderr, encoder.encode(dim(printable(text)) + "\n")),
    async readLine(prompt) {
      writeAll(stderr, encoder.encode(prompt));
      const typed = await line();
      return typed === "" ? undefined : typed.replace(/\r?\n$/, "");
    },
    async readAll() {
      let all = "";
      for await (const chunk of stdin.readable) all += decoder.decode(chunk, { stream: true });
      return all + decoder.decode();
    },
    onInterrupt(listener) {
      Deno.addSignalListener("SIGINT", listener);
      return () => Deno.removeSignalListener("SIGINT", listener);
    },
  };
}

/** One write may take only a part. */
function writeAll(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}
