/** A text of a result, its markdown rendered on the server. Never part of an island. */
import { markdownHtml, type MarkdownOptions, type Rendered } from "./markdown.ts";

export function Markdown({ text, reference }: { text: string } & MarkdownOptions) {
  return <Prose html={markdownHtml(text, { reference })} />;
}

/** What `renderMarkdown` made of a text. */
export function Prose({ html }: Pick<Rendered, "html">) {
  // Safe: the renderer lets no HTML of the text through.
  // deno-lint-ignore react-no-danger
  return <div class="prose" dir="auto" dangerouslySetInnerHTML={{ __html: html }} />;
}
