/**
 * A text of a result as Markdown. A model wrote it from strangers' pages, so the only HTML that it can contain is
 * bare tags of text. Images become links, because loading them would call out, and only http and https links work.
 * Rendered on the server, never part of an island.
 */
import MarkdownIt, { type Token } from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import { REL, webUrl } from "../../lib/results/mod.ts";
import { cx } from "../ui/cx.ts";
import { emphasisInAnyScript } from "./markdown_emphasis.ts";
import { hasLargeTables, scrollingTables } from "./markdown_tables.ts";
import { tagsAndImages } from "./markdown_tags.ts";

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

/** The level of the page's outline where the text begins: its headings go below this level. */
const PAGE_LEVEL = 2;

/**
 * `[3]`, `【3】`, `[3, 4]`, `[3-5]`, the footnote `[^3]`, or `[3](#anything)`, whose anchor the page does not
 * have; not another `[3](…)`, which is a link that is not allowed.
 */
const REFERENCE =
  /([[【［](\^?)(\d{1,4}(?:\s?[,;、，–-]\s?\d{1,4}){0,20})[\]】］])(?:\(#[^\s()]{0,100}\))?(?!\()/g;
/** A link with text and a numbered definition. */
const WORDED = /\[(?!\^?\d{1,4}\])[^[\]]*\]\[(\^?\d{1,4})\]/g;

export interface MarkdownOptions {
  /** Returns the URL for an inline reference `[n]` or `[^n]`, or `null` if there is none. */
  readonly reference?: (n: number, footnote: boolean) => string | null;
  /** Give headings IDs for a table of contents. At most one text of a page may. */
  readonly anchors?: boolean;
  /** Returns the note for a reference's URL, which stands in the margin beside its block; `null` for none. */
  readonly note?: (href: string) => MarginNote | null;
}

/** A reference in the margin: `[n]` as in the text, and the page's name. */
export interface MarginNote {
  readonly number: number;
  readonly host: string;
}

/** A heading of a text rendered with `anchors`. */
export interface Heading {
  readonly id: string;
  /** 3 to 6, as in the page's outline. */
  readonly level: number;
  readonly text: string;
}

/** The rendered text. */
export interface Rendered {
  readonly html: string;
  readonly headings: readonly Heading[];
  /** The headings under which a reference's URL occurs. */
  readonly citedUnder: ReadonlyMap<string, readonly Heading[]>;
}

/** The data passed through markdown-it with one text. */
class Rendering {
  readonly headings: Heading[] = [];
  readonly citedUnder = new Map<string, Heading[]>();

  constructor(readonly options: MarkdownOptions) {}

  /** The environment that was passed to `render`. */
  static fromEnv(env: Readonly<Record<string, unknown>>): Rendering {
    if (env.rendering instanceof Rendering) return env.rendering;
    throw new TypeError("markdown-it lost its environment");
  }
}

/** Returns the text as HTML. */
export function markdownHtml(text: string, options: MarkdownOptions = {}): string {
  return renderMarkdown(text, options).html;
}

/** Returns the text as HTML, and its headings. */
export function renderMarkdown(text: string, options: MarkdownOptions = {}): Rendered {
  const rendering = new Rendering(options);
  const md = MARKDOWN.set({ linkify: !hasLongAddresses(text) });
  const html = (hasLargeTables(text) ? md.disable("table") : md.enable("table"))
    .render(text, { rendering });
  return { html, headings: rendering.headings, citedUnder: rendering.citedUnder };
}

/** Whether to look for addresses would take long: each is read up to the next space, and may contain the others. */
function hasLongAddresses(text: string): boolean {
  return text.match(/\S{2000,}/g)?.some((run) => run.length * run.split("://").length > 4e6) ??
    false;
}

function createMarkdown() {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false }).use(cjkFriendly)
    .use(emphasisInAnyScript).use(scrollingTables);
  md.validateLink = (href) => webUrl(href) !== null;

  md.core.ruler.push("outline", (state) => {
    const { options, headings } = Rendering.fromEnv(state.env);
    // The original levels of the current heading's ancestors. No level is skipped on the way down, whatever
    // the model wrote.
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
      // The page's policy forbids inline styles.
      token.attrs = [["class", style === "text-align:right" ? cx("number") : cx("text-start")]];
    }
  });
  // `[1]: https://…` would turn every `[1]` into a link with the text 1. `[words][1]` needs it.
  md.core.ruler.after("block", "numbered_definitions", ({ env, src }) => {
    if (Rendering.fromEnv(env).options.reference === undefined) return;
    const needed = new Set([...src.matchAll(WORDED)].map(([, label]) => label));
    const { references = {} } = env;
    for (const label of Object.keys(references)) {
      if (/^\^?\d{1,4}$/.test(label) && !needed.has(label)) delete references[label];
    }
  });
  md.use(tagsAndImages);
  // After "text_join": only then are texts complete.
  md.core.ruler.push("references", (state) => {
    const { reference } = Rendering.fromEnv(state.env).options;
    const token: MakeToken = (type, change = {}) =>
      Object.assign(new state.Token(type, "", 0), change);
    const plain = (content: string) => token("text", { content });
    for (const block of state.tokens) {
      if (block.children === null || reference === undefined) continue;
      block.children = splitTexts(
        block.children,
        REFERENCE,
        plain,
        ([, whole = "", footnote, digits]) => {
          const words = /^\d+$/.test(digits ?? "") ? [whole] : whole.split(/(\d+)/);
          const hrefs = words.map((word) => {
            const number = /\d+/.exec(word)?.[0];
            return number === undefined ? "" : reference(Number(number), footnote !== "");
          });
          // Several numbers are references only if all of them have a target.
          if (hrefs.includes(null)) return null;
          // The stylesheet hides brackets and commas. Copies of the text have them.
          const mark = (content: string) => token("reference_mark", { content });
          return words.flatMap((word, at) => {
            const href = hrefs[at];
            if (!href) return [mark(word)];
            const attrs: [string, string][] = [["href", href], ["class", cx("chip")]];
            const [, opening = "", number = word, closing = ""] = /^(\D*)(\d+)(\D*)$/.exec(word) ??
              [];
            return [
              token("link_open", { tag: "a", nesting: 1, attrs }),
              ...opening ? [mark(opening)] : [],
              plain(number),
              ...closing ? [mark(closing)] : [],
              token("link_close", { tag: "a", nesting: -1 }),
            ];
          });
        },
      );
    }
  });

  // After all references are links.
  md.core.ruler.push("margin", (state) => {
    const { options: { note }, headings, citedUnder } = Rendering.fromEnv(state.env);
    if (note === undefined) return;
    let heading = -1, hrefs: string[] = [], chars = 0;
    state.tokens = state.tokens.flatMap((block) => {
      if (block.type === "heading_open") heading++;
      for (const child of block.children ?? []) {
        if (child.type === "text") chars += child.content.length;
        if (child.type !== "link_open" || child.attrGet("class") !== cx("chip")) continue;
        const href = String(child.attrGet("href"));
        hrefs.push(href);
        const under = headings[heading], known = citedUnder.get(href) ?? [];
        if (under !== undefined && !known.includes(under)) citedUnder.set(href, [...known, under]);
      }
      if (block.level > 0 || block.nesting > 0 || block.type === "inline") return [block];
      const most = Math.max(LEAST_NOTES, Math.ceil(chars / CHARS_PER_NOTE));
      const notes = [...new Set(hrefs)].slice(0, most).flatMap((href) => {
        const found = note(href);
        return found === null ? [] : [noteHtml(href, found, md.utils.escapeHtml)];
      });
      [hrefs, chars] = [[], 0];
      if (notes.length === 0) return [block];
      const content = `<aside aria-hidden="true">${notes.join("")}</aside>\n`;
      return [block, Object.assign(new state.Token("html_block", "", 0), { content })];
    });
  });

  md.renderer.rules.reference_mark = (tokens, index) => `<i>${tokens[index]?.content}</i>`;
  md.renderer.rules.link_open = (tokens, index, rendering, _env, self) => {
    const token = tokens[index];
    if (webUrl(String(token?.attrGet("href"))) !== null) token?.attrSet("rel", REL);
    return self.renderToken(tokens, index, rendering);
  };
  return md;
}

/** Beside each block there is room for at least this many notes, and for one more per line of text. */
const LEAST_NOTES = 2, CHARS_PER_NOTE = 85;

/** The same links as in the text, so neither keyboards nor screen readers need them again. */
function noteHtml(
  href: string,
  { number, host }: MarginNote,
  escape: (text: string) => string,
): string {
  const chip = cx("chip"), name = cx("cut");
  return `<a href="${escape(href)}" class='${chip}' tabindex="-1">${number}</a>` +
    `<span class='${name}'>${escape(host)}</span>`;
}

type MakeToken = (type: string, change?: Partial<Token>) => Token;

/**
 * Returns the tokens with all matches in their texts replaced, except in links. `null` leaves a match
 * unchanged.
 */
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
