/**
 * A plugin of markdown-it for HTML tags and images in models' texts. Bare tags of a few kinds stay, and
 * images become links. Server only.
 */
import MarkdownIt, { type Token } from "markdown-it";
import { STYLING_TAGS } from "../../lib/exports/mod.ts";
import { hostOf } from "../../lib/results/mod.ts";

/**
 * Line breaks, which table cells cannot have otherwise, and tags that change the look of text. `<i>` means
 * something else in the page's stylesheet.
 */
const TAG = new RegExp(`<(/?)(br|${STYLING_TAGS})\\s*/?>`, "iy");
const SHOWN_AS: ReadonlyMap<string, string> = new Map([["b", "strong"], ["i", "em"]]);

/** Adds the rules. Call it before rules that read the text of links. */
export function tagsAndImages(md: InstanceType<typeof MarkdownIt>): void {
  md.inline.ruler.before("autolink", "tags", (state, silent) => {
    TAG.lastIndex = state.pos;
    const [whole, closing, name = ""] = TAG.exec(state.src) ?? [];
    if (whole === undefined) return false;
    if (!silent) {
      const tag = name.toLowerCase();
      if (tag === "br") state.push("hardbreak", "br", 0);
      // Whether it is closed is known at the end of its block.
      else {
        const shown = SHOWN_AS.get(tag) ?? tag;
        Object.assign(state.push("tag", shown, 0), { markup: whole, info: closing });
      }
    }
    state.pos += whole.length;
    return true;
  });
  md.core.ruler.push("tags_and_images", (state) => {
    for (const block of state.tokens) {
      if (block.children === null) continue;
      const isTagged = isNested(block.children);
      for (const token of block.children) {
        if (token.type !== "tag") continue;
        if (isTagged) token.nesting = nestingOf(token);
        else Object.assign(token, { type: "text", tag: "", content: token.markup });
      }
      block.children = withoutEmptyLinks(block.children);
      let links = 0;
      block.children = block.children.flatMap((token) => {
        if (token.type === "link_open") links++;
        if (token.type === "link_close") links--;
        if (token.type !== "image") return [token];
        const href = String(token.attrGet("src"));
        const text = Object.assign(new state.Token("text", "", 0), {
          content: token.content || hostOf(href),
        });
        if (links > 0 || href === "") return [text];
        const open = new state.Token("link_open", "a", 1);
        open.attrSet("href", href);
        return [open, text, new state.Token("link_close", "a", -1)];
      });
    }
  });
}

/** Links without a target, `[1]()`, as text: they would lead to the page itself. */
function withoutEmptyLinks(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  let isEmpty = false;
  for (const token of tokens) {
    if (token.type === "link_open") isEmpty = token.attrGet("href") === "";
    if (isEmpty && /^link_/.test(token.type)) {
      const content = token.nesting === 1 ? "[" : "]";
      Object.assign(token, { type: "text", tag: "", nesting: 0, attrs: null, content });
    }
    const before = kept.at(-1);
    if (token.type === "text" && before?.type === "text") before.content += token.content;
    else kept.push(token);
  }
  return kept;
}

/** Whether every tag that opens closes again, in order. */
function isNested(tokens: readonly Token[]): boolean {
  const open: string[] = [];
  return tokens.every((token) => {
    const nesting = nestingOf(token);
    return nesting === 0 || (nesting === 1 ? open.push(token.tag) > 0 : open.pop() === token.tag);
  }) && open.length === 0;
}

function nestingOf({ type, nesting, info }: Token): Token["nesting"] {
  return type !== "tag" ? nesting : info === "" ? 1 : -1;
}
