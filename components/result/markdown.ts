/**
 * Markdown of a result → HTML. Written by a model from pages of strangers, so: no HTML of its own,
 * no images (they would call out), only http and https links. Server only.
 */
import MarkdownIt, { type Token } from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import { REL, webUrl } from "../../lib/results/mod.ts";
import { cx } from "../ui/cx.ts";

/** Where the page's own outline is when the text begins: its headings go below this level. */
const PAGE_LEVEL = 2;

/** `[3]`, `【3】`, `[3, 4]`, `[3-5]`, or the footnote `[^3]`; not `[3](…)`, which is no link that is let through. */
const REFERENCE = /[[【［](\^?)(\d{1,4}(?:\s?[,;、，–-]\s?\d{1,4}){0,20})[\]】］](?!\()/g;
/** A link of words by a numbered definition. */
const WORDED = /\[(?!\^?\d{1,4}\])[^[\]]*\]\[(\^?\d{1,4})\]/g;
/** What may stand in a table's cell, where Markdown has no other break. */
const BREAK = /<br *\/?>/gi;

export interface MarkdownOptions {
  /** The address for an inline reference `[n]` or `[^n]`, or `null` where there is none. */
  readonly reference?: (n: number, footnote: boolean) => string | null;
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
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false }).use(cjkFriendly);
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
  // `[1]: https://…` would make every `[1]` a link whose words are a bare 1; `[words][1]` needs it.
  md.core.ruler.after("block", "numbered_definitions", ({ env, src }) => {
    if (Rendering.of(env).options.reference === undefined) return;
    const needed = new Set([...src.matchAll(WORDED)].map(([, label]) => label));
    const { references = {} } = env;
    for (const label of Object.keys(references)) {
      if (/^\^?\d{1,4}$/.test(label) && !needed.has(label)) delete references[label];
    }
  });
  // After "text_join", for only then a text is whole.
  md.core.ruler.push("references_and_breaks", (state) => {
    const { reference } = Rendering.of(state.env).options;
    const token: MakeToken = (type, change = {}) =>
      Object.assign(new state.Token(type, "", 0), change);
    let isCell = false;
    const plain = (content: string) => token("text", { content });
    for (const block of state.tokens) {
      if (/^t[hd]_/.test(block.type)) isCell = block.nesting === 1;
      if (block.children === null) continue;
      if (isCell) {
        block.children = splitTexts(block.children, BREAK, plain, () => [token("hardbreak")]);
      }
      if (reference === undefined) continue;
      block.children = splitTexts(block.children, REFERENCE, plain, ([mark, footnote, digits]) => {
        const words = /^\d+$/.test(digits ?? "") ? [mark] : mark.split(/(\d+)/);
        const hrefs = words.map((word) => {
          const number = /\d+/.exec(word)?.[0];
          return number === undefined ? "" : reference(Number(number), footnote !== "");
        });
        // Of several numbers all lead somewhere, or they are something else.
        if (hrefs.includes(null)) return null;
        return words.flatMap((word, at) => {
          const href = hrefs[at];
          if (!href) return [plain(word)];
          const attrs: [string, string][] = [["href", href], ["class", cx("cite")]];
          return [
            token("link_open", { tag: "a", nesting: 1, attrs }),
            plain(word),
            token("link_close", { tag: "a", nesting: -1 }),
          ];
        });
      });
    }
  });

  md.renderer.rules.link_open = (tokens, index, rendering, _env, self) => {
    const token = tokens[index];
    if (webUrl(String(token?.attrGet("href"))) !== null) token?.attrSet("rel", REL);
    return self.renderToken(tokens, index, rendering);
  };
  // Wide tables scroll by themselves, and by keyboard too.
  md.renderer.rules.table_open = () =>
    '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n';
  md.renderer.rules.table_close = () => "</table></div>\n";
  return md;
}

type MakeToken = (type: string, change?: Partial<Token>) => Token;

/** The tokens with whatever matches in their texts replaced, outside of links; `null` leaves it. */
function splitTexts(
  tokens: readonly Token[],
  pattern: RegExp,
  plain: (content: string) => Token,
  replace: (match: RegExpExecArray) => readonly Token[] | null,
): Token[] {
  let links = 0;
  return tokens.flatMap((token) => {
    if (token.type === "link_open") links++;
    if (token.type === "link_close") links--;
    if (token.type !== "text" || links > 0) return [token];
    const parts: Token[] = [];
    let from = 0;
    for (const match of token.content.matchAll(pattern)) {
      const between = replace(match);
      if (between === null) continue;
      parts.push(plain(token.content.slice(from, match.index)), ...between);
      from = match.index + match[0].length;
    }
    return from === 0 ? [token] : [...parts, plain(token.content.slice(from))];
  });
}

const MARKDOWN = createMarkdown();
