/**
 * A plugin of markdown-it for emphasis in scripts other than Latin, Greek and Cyrillic. Add it after
 * `markdown-it-cjk-friendly`, which knows the variants of East Asian characters. Server only.
 */
import MarkdownIt from "markdown-it";

/**
 * A letter of a script whose words touch a mark of emphasis: Thai has no spaces, Hebrew and Arabic put “and”
 * before a quotation, Bengali puts endings behind it. With Latin letters, `f(x)*g(y)*` is a product.
 */
const LETTER = /[\p{L}\p{M}]/u, SPACED = /[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}]/u;
const joinsWords = (char: string) => LETTER.test(char) && !SPACED.test(char);

/** Adds the rule: beside such a letter, punctuation in the emphasis does not end it. */
export function emphasisInAnyScript(md: InstanceType<typeof MarkdownIt>): void {
  const State = md.inline.State;
  md.inline.State = class extends State {
    override scanDelims(start: number, canSplitWord: boolean) {
      const found = super.scanDelims(start, canSplitWord);
      const before = this.src.charAt(start - 1), after = this.src.charAt(start + found.length);
      const isInWord = canSplitWord && /\S/.test(before) && /\S/.test(after) &&
        (joinsWords(before) || joinsWords(after));
      return isInWord ? { ...found, can_open: true, can_close: true } : found;
    }
  };
}
