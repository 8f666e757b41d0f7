/** What was asked of MCP servers, and what they answered. */
import type { McpToolCall } from "../../lib/parallel/types.ts";
import { cut } from "../format.ts";

const SHOWN_CHARS = 4_000;

export function ToolCalls({ calls }: { calls: readonly McpToolCall[] }) {
  if (calls.length === 0) return null;
  return (
    <section class="mt-8">
      <h2 class="ruled">Tool calls {calls.length}</h2>
      {calls.map((call) => (
        <details key={call.tool_call_id} class="fold payload">
          <summary>
            <code>{call.server_name}.{call.tool_name}</code>
            {call.error && <span class="bad">failed</span>}
          </summary>
          <pre tabIndex={0}>{cut(call.arguments, SHOWN_CHARS)}</pre>
          <pre tabIndex={0}>{cut(call.error || call.content || "", SHOWN_CHARS)}</pre>
        </details>
      ))}
    </section>
  );
}
