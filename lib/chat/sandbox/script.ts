/** What the sandbox answers, and what goes wrong on request. */
export interface Script {
  readonly text: string;
  /** A status to refuse with, an error the API reports half way, or a connection that breaks there. */
  readonly fault?: number | "error" | "cut";
}

const FAULT = /\[(401|429|error|cut)\]/;

/** The answer to the last of the turns. It shows that the ones before were sent along. */
export function script(turns: readonly string[]): Script {
  const question = turns.at(-1) ?? "";
  const fault = FAULT.exec(question)?.[1];
  const before = turns.length > 1
    ? ` With it came ${turns.length - 1} earlier ${turns.length === 2 ? "message" : "messages"}, ` +
      `the first of them “${shortened(turns[0] ?? "")}”.`
    : "";
  const text = `You asked: “${shortened(question)}”.${before} This is the sandbox: it speaks the ` +
    "provider's wire format word by word, so everything between the socket and your eyes is the " +
    "real thing, only the thinking is missing. Put [error] or [cut] into a question to see an " +
    "answer break off, or press Ctrl-C while one is coming.";
  if (fault === undefined) return { text };
  return { text, fault: fault === "error" || fault === "cut" ? fault : Number(fault) };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
