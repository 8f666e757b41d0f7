/**
 * Markdown of a result → HTML. Written by a model from pages of strangers, so: no HTML of its own,
 * no images (they would call out), only http and https links. Server only.
 */
import MarkdownIt from "markdown-it";
import { REL, webUrl } from "../../lib/results/link.ts";
import { cx } from "../cx.ts";

/** Where the page's own outline is when the text begins: its headings go below this level. */
const PAGE_LEVEL = 2;

/** `[3]`, unless it is the text of a link. */
const REFERENCE = /^\[(\d{1,4})\](?!\()/;

export interface MarkdownOptions {
  /** The address for an inline reference `[n]`, or `null` where there is no such source. */
  readonly reference?: (n: number) => string | null;
  /** Headings get ids, for a table of contents: one text of a page may. */
  readonly anchors?: boolean;
}

/** A heading of a text that was rendered with `anchors`. */
export interface Heading {
  readonly id: string;
  /** 3 to 6: as the page's outline has it. */
  readonly level: number;
  readonly text: string;
}

/** What a text became. */
export interface Rendered {
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** What goes through markdown-it with one text. */
class Rendering {
  readonly headings: Heading[] = [];

  constructor(readonly options: MarkdownOptions) {}

  /** The one that was given to `render`. */
  static of(env: Readonly<Record<string, unknown>>): Rendering {
    if (env.rendering instanceof Rendering) return env.rendering;
    throw new TypeError("markdown-it lost its environment");
  }
}

/** The text as HTML. */
export function markdownHtml(text: string, options: MarkdownOptions = {}): string {
  return renderMarkdown(text, options).html;
}

/** The text as HTML, and its headings. */
export function renderMarkdown(text: string, options: MarkdownOptions = {}): Rendered {
  const rendering = new Rendering(options);
  return { html: MARKDOWN.render(text, { rendering }), headings: rendering.headings };
}

function createMarkdown() {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false });
  md.validateLink = (href) => webUrl(href) !== null;
  md.disable("image");

  md.core.ruler.push("outline", (state) => {
    const { options, headings } = Rendering.of(state.env);
    // The levels as written of the headings that the present one is under: none is skipped on the way
    // down, whatever the model wrote.
    const above: number[] = [];
    let tag = "";
    for (const [at, token] of state.tokens.entries()) {
      if (token.type === "heading_close") token.tag = tag;
      if (token.type !== "heading_open") continue;
      const written = Number(token.tag.slice(1));
      while ((above.at(-1) ?? 0) >= written) above.pop();
      above.push(written);
      const level = Math.min(PAGE_LEVEL + above.length, 6);
      token.tag = tag = `h${level}`;
      if (options.anchors) {
        const id = `part-${headings.length + 1}`;
        token.attrSet("id", id);
        const words = state.tokens[at + 1]?.children?.map((child) => child.content).join("");
        headings.push({ id, level, text: words ?? "" });
      }
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
    const { reference } = Rendering.of(state.env).options;
    if (reference === undefined) return false;
    const [mark, digits] = REFERENCE.exec(state.src.slice(state.pos, state.pos + 8)) ?? [];
    const href = digits === undefined ? null : reference(Number(digits));
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
  return md;
}

const MARKDOWN = createMarkdown();
