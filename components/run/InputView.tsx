/** The request as it was sent, field by field. Secrets were masked before it was stored. */
import type { ComponentChildren } from "preact";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import { cut } from "../../lib/base/mod.ts";

/** The most of a long input that a page shows. result.json has all of it. */
const SHOWN_CHARS = 20_000;

export function InputView({ input }: { input: TaskRunInput }) {
  const { input: subject, processor, ...rest } = input;
  return (
    <dl class="fields">
      <Row name="input">
        {typeof subject === "string"
          ? <p class="said">{cut(subject, SHOWN_CHARS)}</p>
          : <Json value={subject} />}
      </Row>
      <Row name="processor">
        <code>{processor}</code>
      </Row>
      {Object.entries(rest).map(([name, value]) => (
        isGiven(value) && (
          <Row key={name} name={name}>
            {typeof value === "object" ? <Json value={value} /> : <code>{String(value)}</code>}
          </Row>
        )
      ))}
    </dl>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <dt>
        <code>{name}</code>
      </dt>
      <dd class="payload min-w-0">{children}</dd>
    </div>
  );
}

function Json({ value }: { value: unknown }) {
  return <pre tabIndex={0}>{cut(JSON.stringify(value, null, 2), SHOWN_CHARS)}</pre>;
}

function isGiven(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
