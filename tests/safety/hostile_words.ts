/** What a hostile Task API says: an attacker's markup in every field. */
import type { Payload } from "./xss_payloads.ts";

export type Json = Record<string, unknown>;

/** How a hostile run ends. */
export type Ending = "text" | "json" | "failed" | "live";

/** What a run says, and how it ends. */
export interface Saying {
  readonly payloads: readonly Payload[];
  readonly ending: Ending;
}

/** A run; without a status, as it ends. */
export function runOf(id: string, { payloads, ending }: Saying, status?: string): Json {
  const final = ending === "failed" ? "failed" : "completed";
  const all = payloads.map(({ text }) => text).join("\n");
  return {
    run_id: id,
    interaction_id: payloads[0]?.text ?? id,
    taskgroup_id: payloads[0]?.text ?? null,
    status: status ?? final,
    is_active: status !== undefined,
    processor: payloads[0]?.text ?? "core",
    metadata: Object.fromEntries(
      payloads.map(({ text }, n) => [`${n}${text}`.slice(0, 16), text]),
    ),
    created_at: "2026-01-01T00:00:00.000000Z",
    modified_at: "2026-01-01T00:00:00.000000Z",
    warnings: payloads.map(({ text }) => ({
      type: text,
      message: text,
      detail: { [text]: text },
    })),
    error: status === undefined && ending === "failed"
      ? { ref_id: all, message: all, detail: { errors: [{ loc: [all], msg: all }] } }
      : null,
  };
}

/** An event as a stream has it. */
export function frame(event: Json): string {
  // The name of an unknown event is the other side's text too, on one line.
  const name = String(event.type).replace(/[\r\n]/g, " ");
  return `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Every type of message, each saying this. */
export function messagesOf(text: string): Json[] {
  const timestamp = "2026-01-01T00:00:01Z";
  const message = (type: string, message: string) => ({
    type: `task_run.progress_msg.${type}`,
    message,
    timestamp,
  });
  return [
    ...["plan", "result", "tool_call", "exec_status", "reasoning", "analysis", "step"].map((type) =>
      message(type, text)
    ),
    message("search", `Objective: ${text}`),
    message("search", `Query: ${text}`),
    message("extract", `Extract: ${text}`),
    message(text, text),
    { type: text, message: text, [text]: text },
    {
      type: "task_run.progress_stats",
      source_stats: {
        num_sources_considered: text,
        num_sources_read: 1,
        sources_read_sample: [text, `https://evil.example/${text}`, `https://${text}`],
      },
      progress_meter: text,
    },
    { type: "error", error: { ref_id: text, message: text, detail: { [text]: text } } },
  ];
}

function citationsOf(payloads: readonly Payload[]): Json[] {
  return payloads.flatMap(({ text }) => [
    { url: text, title: text, excerpts: [text, text] },
    { url: `https://evil.example/?q=${text}`, title: text, excerpts: [text] },
  ]);
}

/** The result of a run. */
export function outputOf({ payloads, ending }: Saying): Json {
  const citations = citationsOf(payloads);
  const mcp_tool_calls = payloads.map(({ text }) => ({
    tool_call_id: text,
    server_name: text,
    tool_name: text,
    arguments: JSON.stringify({ [text]: text }),
    content: text,
    error: text,
  }));
  if (ending === "json") {
    const fields = Object.fromEntries(payloads.map(({ text }) => [text, text]));
    return {
      type: "json",
      content: { ...fields, nested: fields, list: payloads.map(({ text }) => ({ [text]: text })) },
      basis: [...payloads.map(({ text }) => text), "nested", "list.0"].map((field) => ({
        field,
        reasoning: payloads.map(({ text }) => text).join(" "),
        confidence: payloads[0]?.text ?? "high",
        citations,
      })),
      output_schema: { type: "object", properties: fields, title: payloads[0]?.text },
      mcp_tool_calls,
      beta_fields: fields,
    };
  }
  return {
    type: "text",
    content: payloads.map(({ text }) => text).join("\n\n"),
    basis: [{ field: "output", reasoning: payloads[0]?.text ?? "", confidence: "low", citations }],
    mcp_tool_calls,
  };
}

/** The body of a refusal. */
export function errorOf(message: string): Json {
  return {
    type: "error",
    error: {
      ref_id: message,
      message,
      detail: { errors: [{ loc: ["body", message], msg: message }] },
    },
  };
}
