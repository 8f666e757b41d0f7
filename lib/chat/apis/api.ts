import type { Provider } from "../../sse/mod.ts";
import type { Conversation } from "../conversation.ts";

/** How one API is asked for a streamed answer. Adding one is this object, in one file. */
export interface Api {
  /** What `--provider` calls it. */
  readonly name: string;
  readonly title: string;
  readonly origin: string;
  /** From the origin on; `{model}` stands for the model's name. */
  readonly path: string;
  /** Environment variables that may hold the key, the first set one counts. */
  readonly keys: readonly string[];
  /** The header that carries the key, and what stands before the key in it. */
  readonly auth: { readonly header: string; readonly scheme: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked for unless `--model` says otherwise. */
  readonly model: string;
  /** How its answers are read. */
  readonly stream: Provider;
  /** The JSON to send. */
  body(conversation: Conversation, model: string): Readonly<Record<string, unknown>>;
}

/** The key behind `Bearer`, as most APIs want it. */
export const bearer = { header: "authorization", scheme: "Bearer " } as const;

/** Messages with roles as OpenAI has them and most copied: the instructions are the first. */
export function messages({ system, turns }: Conversation): { role: string; content: string }[] {
  return [
    ...(system === undefined ? [] : [{ role: "system", content: system }]),
    ...turns.map(({ role, text }) => ({ role, content: text })),
  ];
}
