import type { SSEOutput } from "../../sse/mod.ts";

/** What an answer of the sandbox is about, as a wire needs it. */
export interface Exchange {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly text: string;
}

/** One provider's wire format, from the server's side. */
export interface Wire {
  /** The path a request must come to. */
  readonly path: RegExp;
  /** What was said so far, the question last; empty where the body is not in this format. */
  turns(body: unknown): readonly string[];
  begin(exchange: Exchange): readonly SSEOutput[];
  piece(text: string, exchange: Exchange): readonly SSEOutput[];
  end(exchange: Exchange): readonly SSEOutput[];
  /** What the provider sends where it breaks off in the middle. */
  failure(): readonly SSEOutput[];
  /** The body of a refusal. */
  refusal(status: number, message: string): unknown;
}

/** An event of JSON, named by its `type` where `named`. */
export function json(data: { type?: string; [name: string]: unknown }, named = false): SSEOutput {
  return {
    ...(named && data.type !== undefined ? { event: data.type } : {}),
    data: JSON.stringify(data),
  };
}

/** The texts a path leads to; `*` goes through every item of an array. */
export function textsAt(body: unknown, path: string): string[] {
  let found: unknown[] = [body];
  for (const step of path.split(".")) {
    found = found.flatMap((value) =>
      step === "*"
        ? (Array.isArray(value) ? value : [])
        : typeof value === "object" && value !== null
        ? [Object.getOwnPropertyDescriptor(value, step)?.value]
        : []
    );
  }
  return found.filter((value) => typeof value === "string");
}
