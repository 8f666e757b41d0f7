/**
 * Markdown of a result → HTML. Written by a model from pages of strangers, so: no HTML of its own,
 * no images (they would call out), only http and https links. Server only.
 */
import MarkdownIt from "markdown-it";
import { cx } from "../cx.ts";
import { REL, webUrl } from "../link.ts";

/** Where the page's own outline is when the text begins: its headings go below this level. */
const PAGE_LEVEL = 2;

/** `[3]`, unless it is the text of a link. */
const REFERENCE = /^\[(\d{1,3})\](?!\()/;

export interface MarkdownOptions {
  /** The address for an inline reference `[n]`, or `null` where there is no such source. */
  readonly reference?: (n: number) => string | null;
}

/** The text as HTML. */
export function markdownHtml(text: string, options: MarkdownOptions = {}): string {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false });
  md.validateLink = (href) => webUrl(href) !== null;
  md.disable("image");

  md.core.ruler.push("outline", (state) => {
    let deepest = PAGE_LEVEL;
    for (const token of state.tokens) {
      if (token.type !== "heading_open" && token.type !== "heading_close") continue;
      // No level is skipped on the way down, whatever the model wrote.
      const level = Math.min(PAGE_LEVEL + Number(token.tag.slice(1)), deepest + 1, 6);
      if (token.type === "heading_close") deepest = level;
      token.tag = `h${level}`;
    }
  });
  md.core.ruler.push("alignment", (state) => {
    for (const token of state.tokens) {
      const style = token.attrGet("style");
      if (style === null) continue;
      // The policy of the page allows no inline style.
      token.attrs = [["class", style === "text-align:right" ? cx("number") : cx("text-start")]];
    }
  });
  md.inline.ruler.before("link", "source_reference", (state, silent) => {
    const [mark, digits] = REFERENCE.exec(state.src.slice(state.pos, state.pos + 8)) ?? [];
    const href = digits === undefined ? null : options.reference?.(Number(digits)) ?? null;
    if (mark === undefined || href === null) return false;
    if (!silent) {
      state.push("link_open", "a", 1).attrs = [["href", href], ["class", "cite"]];
      state.push("text", "", 0).content = mark;
      state.push("link_close", "a", -1);
    }
    state.pos += mark.length;
    return true;
  });

  md.renderer.rules.link_open = (tokens, index, rendering, _env, self) => {
    const token = tokens[index];
    if (webUrl(String(token?.attrGet("href"))) !== null) token?.attrSet("rel", REL);
    return self.renderToken(tokens, index, rendering);
  };
  // Wide tables scroll by themselves, and by keyboard too.
  md.renderer.rules.table_open = () =>
    '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>\n';
  md.renderer.rules.table_close = () => "</table></div>\n";
  return md.render(text);
}
