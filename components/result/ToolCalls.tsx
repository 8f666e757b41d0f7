/** The calls to MCP servers, and their responses. */
import { count, cut, readVerbatim } from "../../lib/base/mod.ts";
import type { McpToolCall } from "../../lib/parallel/mod.ts";

const SHOWN_CHARS = 4_000;
const SHOWN_CALLS = 200;

export function ToolCalls({ calls }: { calls: readonly McpToolCall[] }) {
  if (calls.length === 0) return null;
  return (
    <section class="mt-8" aria-labelledby="tools-title">
      <h2 class="ruled" id="tools-title">Tool calls {count(calls.length)}</h2>
      {calls.slice(0, SHOWN_CALLS).map((call, at) => (
        <details key={at} class="fold payload">
          <summary>
            <code>{call.server_name}.{call.tool_name}</code>{" "}
            {call.error && <span class="bad">failed</span>}
          </summary>
          <p class="text-sm text-soft">Asked</p>
          <Payload text={call.arguments} />
          <p class="text-sm text-soft mt-2">{call.error ? "Error" : "Answered"}</p>
          <Payload text={call.error || call.content || ""} />
        </details>
      ))}
      {calls.length > SHOWN_CALLS && (
        <p>… and {count(calls.length - SHOWN_CALLS)} more in result.json</p>
      )}
    </section>
  );
}

/** JSON with line breaks, anything else unchanged. */
function Payload({ text }: { text: string }) {
  if (text === "") return <p class="text-soft">nothing</p>;
  const json = text.length <= SHOWN_CHARS ? indented(text) : null;
  return (
    <pre
      tabIndex={0}
    >{cut(json ?? text, SHOWN_CHARS)}</pre>
  );
}

/** JSON with line breaks; `null` for any other text. */
function indented(text: string): string | null {
  try {
    return JSON.stringify(readVerbatim(text), null, 2);
  } catch {
    return null;
  }
}
