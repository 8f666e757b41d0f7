import { applies, type ToolCallRule, valuesAt } from "./providers/provider.ts";

/** A call of a tool that the model asks for. */
export interface ToolCall {
  /** The ID that the result refers to, if the API gives one. */
  readonly id?: string;
  /** The tool's name. */
  readonly name: string;
  /** JSON text, or the plain text of a custom tool. It is complete once the answer is. */
  readonly arguments: string;
}

/** A call that is still growing, and the key that its pieces share. */
interface Growing extends ToolCall {
  readonly key: unknown;
}

/** Returns a function that adds a payload's pieces and returns the calls so far, in order. */
export function toolCalls(): (rules: readonly ToolCallRule[], payload: unknown) => ToolCall[] {
  const calls: Growing[] = [];
  return (rules, payload) => {
    for (const rule of rules) {
      if (applies(rule, payload)) {
        for (const piece of valuesAt(payload, rule.at)) addPiece(calls, rule, piece);
      }
    }
    return calls.map(({ key: _, ...call }) => call);
  };
}

function addPiece(calls: Growing[], rule: ToolCallRule, piece: unknown): void {
  const at = (paths: string | readonly string[] = []) =>
    [paths].flat().flatMap((path) => valuesAt(piece, path))[0];
  const word = (value: unknown) => typeof value === "string" ? value : "";
  const key = at(rule.key);
  const id = word(at(rule.id));
  const name = word(at(rule.name));
  const json = jsonOf(at(rule.arguments), rule);
  const index = calls.findLastIndex((call) => key === undefined || call.key === key);
  const call = calls[index];
  // The same key with another id is another call: some servers give every call the index 0.
  const isNew = !rule.key || (key === undefined && name) || (id && call?.id && id !== call.id);
  if (call && !isNew) {
    calls[index] = {
      ...call,
      ...(id ? { id } : {}),
      name: call.name || name,
      arguments: rule.whole && json ? json : call.arguments + json,
    };
    // Without a name it belongs to a tool that runs at the provider, not to a call for the client.
  } else if (name) calls.push({ key, ...(id ? { id } : {}), name, arguments: json });
}

/** Returns a piece of the arguments' JSON. An empty object at the start of a call is a placeholder. */
function jsonOf(given: unknown, { key }: ToolCallRule): string {
  if (typeof given === "string") return given;
  return given === undefined || (key && Object.keys(Object(given)).length === 0)
    ? ""
    : JSON.stringify(given);
}
