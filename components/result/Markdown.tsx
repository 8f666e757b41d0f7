/** A text of a result, with Markdown rendered on the server. Never part of an island. */
import { markdownHtml, type MarkdownOptions, type Rendered } from "./markdown.ts";

export function Markdown({ text, reference }: { text: string } & MarkdownOptions) {
  return <Prose html={markdownHtml(text, { reference })} />;
}

/** The output of `renderMarkdown`. */
export function Prose({ html }: Pick<Rendered, "html">) {
  // Safe: the renderer passes through no HTML from the text.
  // deno-lint-ignore react-no-danger
  return <div class="prose" dir="auto" dangerouslySetInnerHTML={{ __html: html }} />;
}
