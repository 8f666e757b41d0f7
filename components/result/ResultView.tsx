/** The result of a finished run: its content, what each part rests on, and all its sources. */
import type { TaskRunOutput } from "../../lib/parallel/types.ts";
import { count } from "../format.ts";
import { BasisNote } from "./Basis.tsx";
import { type Grounds, groundsOf, strayBasis } from "./grounds.ts";
import { JsonValue } from "./JsonValue.tsx";
import { Markdown } from "./Markdown.tsx";
import { Sources } from "./Sources.tsx";
import { ToolCalls } from "./ToolCalls.tsx";
import { trimValue } from "./trim.ts";

/** About what a browser lays out without a pause; the rest stays in result.json. */
const SHOWN = { values: 3_000, chars: 300_000 };

export function ResultView({ output, jsonHref }: { output: TaskRunOutput; jsonHref: string }) {
  const basis = output.basis;
  const grounds = groundsOf(basis);
  const { value, omitted } = trimValue(output.content, SHOWN);
  const stray = typeof output.content === "string" ? [] : strayBasis(basis, output.content);
  return (
    <>
      {typeof value === "string"
        ? <TextResult text={value} output={output} grounds={grounds} />
        : <JsonValue value={value} path="" grounds={grounds} />}
      {omitted > 0 && (
        <p class="notice calm mt-4">
          This result is too long to show whole ({count(omitted)}{" "}
          values left out or cut). All of it is in <a href={jsonHref}>result.json</a>.
        </p>
      )}
      {stray.length > 0 && (
        <section class="mt-6">
          <h3>Also reported</h3>
          <dl class="fields">
            {stray.map((entry) => (
              <div key={entry.field} class="field">
                <dt>
                  <code>{entry.field}</code>
                </dt>
                <dd class="note">
                  <BasisNote basis={entry} grounds={grounds} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {grounds.sources.length > 0 && (
        <section class="mt-8" aria-labelledby="sources-title">
          <h2 id="sources-title" class="ruled">Sources {count(grounds.sources.length)}</h2>
          <Sources sources={grounds.sources} />
        </section>
      )}
      <ToolCalls calls={output.mcp_tool_calls ?? []} />
    </>
  );
}

function TextResult(props: { text: string; output: TaskRunOutput; grounds: Grounds }) {
  const { text, output, grounds } = props;
  return (
    <div class="field">
      <div class="value">
        <Markdown text={text} reference={referencesOf(text, output, grounds)} />
      </div>
      {output.basis.map((entry) => (
        <div key={entry.field} class="note">
          <BasisNote basis={entry} grounds={grounds} />
        </div>
      ))}
    </div>
  );
}

/** `[n]` means the n-th citation, unless the text brings a list of references of its own. */
function referencesOf(text: string, output: TaskRunOutput, grounds: Grounds) {
  if (/^#+ *(references|sources|bibliography)\b/im.test(text)) return undefined;
  const citations = output.basis.flatMap((entry) => entry.citations ?? []);
  return (n: number) => {
    const number = grounds.numberOf(citations[n - 1]?.url ?? "");
    return number === null ? null : `#source-${number}`;
  };
}
