/** What a group of fields is for, in a sentence, and where the API's own page on it is. */
import type { ComponentChildren } from "preact";
import { WebLink } from "../ui/WebLink.tsx";

/** The API's pages, by what they are about. */
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
  /** What the page is about, as the end of "Parallel on …". */
  readonly topic: string;
  readonly children: ComponentChildren;
}

export function About({ page, topic, children }: AboutProps) {
  return (
    <p class="about">
      {children} <WebLink href={DOCS[page]}>Parallel on {topic}</WebLink>
    </p>
  );
}
