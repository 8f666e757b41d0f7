/** The parts of the form: a step with its title, groups of less used fields, explanations behind “?”. */
import type { ComponentChildren } from "preact";
import type { FormField } from "../../lib/tasks/fields/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { WebLink } from "../ui/WebLink.tsx";
import type { FormState } from "./Field.tsx";

/** The API's pages, by topic. */
const DOCS = {
  processors: "https://docs.parallel.ai/task-api/guides/choose-a-processor",
  specs: "https://docs.parallel.ai/task-api/guides/specify-a-task",
  sources: "https://docs.parallel.ai/resources/source-policy",
  interactions: "https://docs.parallel.ai/task-api/guides/interactions",
  webhooks: "https://docs.parallel.ai/task-api/webhooks",
  mcp: "https://docs.parallel.ai/task-api/mcp-tool-call",
  events: "https://docs.parallel.ai/task-api/task-sse",
  runs: "https://docs.parallel.ai/task-api/guides/execute-task-run",
} as const;

export interface AboutProps {
  readonly page: keyof typeof DOCS;
  /** Completes the link’s text, “Parallel on …”. */
  readonly topic: string;
  readonly children: ComponentChildren;
}

/** What a group of fields is for, with a link to the API's page about it. */
function About({ page, topic, children }: AboutProps) {
  return (
    <p class="about">
      {children} <WebLink href={DOCS[page]}>Parallel on {topic}</WebLink>
    </p>
  );
}

/** An explanation behind “?”: a menu, which page.js closes, and which works without it. */
export function Help(about: AboutProps) {
  return (
    <details class="menu help">
      <summary aria-label={`About ${about.topic}`}>?</summary>
      <div>
        <About {...about} />
      </div>
    </details>
  );
}

export interface StepProps {
  /** The title's id, which labels the fields. */
  readonly id: string;
  readonly title: string;
  readonly about: AboutProps;
  readonly children: ComponentChildren;
}

/** One of the form's questions. */
export function Step({ id, title, about, children }: StepProps) {
  return (
    <section class="part" aria-labelledby={id}>
      <div class="part-head">
        <h2 id={id}>{title}</h2>
        <Help {...about} />
      </div>
      {children}
    </section>
  );
}

export interface FoldProps {
  readonly title: string;
  readonly fields: readonly FormField[];
  readonly form: FormState;
  readonly about: AboutProps;
  readonly children: ComponentChildren;
}

/** A group of less used fields: one word to press, until one of them has a value or a problem. */
export function Fold({ title, fields, form: { values, problems }, about, children }: FoldProps) {
  const isUsed = fields.some((name) => values[name] !== "" || problems[name] !== undefined);
  return (
    <details class="option" open={isUsed}>
      <summary>
        <Icon name="plus" small />
        {title}
      </summary>
      <div class="stack">
        <About {...about} />
        {children}
      </div>
    </details>
  );
}
