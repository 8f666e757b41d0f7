/** The request as it was sent, field by field. Secrets were masked before it was stored. */
import type { ComponentChildren } from "preact";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import { count, cut, cutJson, isObject } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";

/** The most of a long input that a page shows. result.json has all of it. */
const SHOWN_CHARS = 20_000;

/** The request, folded under its summary. */
export function InputFold({ input }: { input: TaskRunInput }) {
  return (
    <details class="fold section-fold" id="input">
      <summary>
        <Icon name="chevron-right" /> <h2>Input as sent</h2>
        <small class="text-soft">{inputSummary(input)}</small>
      </summary>
      <InputView input={input} />
    </details>
  );
}

/** `2 fields, JSON schema, pro` */
function inputSummary({ input, task_spec, processor }: TaskRunInput): string {
  const fields = isObject(input) ? Object.keys(input).length : 0;
  const size = !isObject(input) ? "text" : `${count(fields)} ${fields === 1 ? "field" : "fields"}`;
  const schema = task_spec?.output_schema;
  const kind = !isObject(schema)
    ? schema ? "described output" : "auto output"
    : schema.type === "text"
    ? "text output"
    : schema.type === "auto"
    ? "auto output"
    : "JSON schema";
  return [size, kind, processor].join(", ");
}

function InputView({ input }: { input: TaskRunInput }) {
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
    <div class="field wide-field">
      <dt>
        <code>{name}</code>
      </dt>
      <dd class="value payload">{children}</dd>
    </div>
  );
}

function Json({ value }: { value: unknown }) {
  return <pre tabIndex={0}>{cutJson(value, SHOWN_CHARS)}</pre>;
}

function isGiven(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
