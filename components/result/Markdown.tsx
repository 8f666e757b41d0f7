/** A text of a result, with Markdown rendered on the server. Never part of an island. */
import { markdownHtml, type MarkdownOptions, type Rendered } from "./markdown.ts";

export function Markdown({ text, reference }: { text: string } & MarkdownOptions) {
  return <Prose html={markdownHtml(text, { reference })} />;
}

/** The output of `renderMarkdown`. `report`: with a margin for notes. */
export function Prose({ html, report }: Pick<Rendered, "html"> & { report?: boolean }) {
  return (
    <div
      class={report ? "prose report" : "prose"}
      dir="auto"
      // Safe: the renderer passes through no HTML from the text.
      // deno-lint-ignore react-no-danger
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}
