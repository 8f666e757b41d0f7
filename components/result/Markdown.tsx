/** A text of a result, its markdown rendered on the server. Never part of an island. */
import { markdownHtml, type MarkdownOptions } from "./markdown.ts";

export function Markdown({ text, reference }: { text: string } & MarkdownOptions) {
  // Safe: markdownHtml lets no HTML of the text through.
  // deno-lint-ignore react-no-danger
  return (
    <div class="prose" dangerouslySetInnerHTML={{ __html: markdownHtml(text, { reference }) }} />
  );
}
