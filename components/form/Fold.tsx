/** A group of less used fields, folded until one of them has a value or a problem; and links to the docs. */
import type { ComponentChildren } from "preact";
import type { FormField } from "../../lib/tasks/fields/mod.ts";
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
export function About({ page, topic, children }: AboutProps) {
  return (
    <p class="about">
      {children} <WebLink href={DOCS[page]}>Parallel on {topic}</WebLink>
    </p>
  );
}

export interface FoldProps {
  readonly title: string;
  readonly fields: readonly FormField[];
  readonly form: FormState;
  readonly about: AboutProps;
  readonly children: ComponentChildren;
}

export function Fold({ title, fields, form: { values, problems }, about, children }: FoldProps) {
  const isUsed = fields.some((name) => values[name] !== "" || problems[name] !== undefined);
  return (
    <details class="fold" open={isUsed}>
      <summary>{title}</summary>
      <div class="stack pb-4">
        <About {...about} />
        {children}
      </div>
    </details>
  );
}
