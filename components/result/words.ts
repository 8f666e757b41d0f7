/** The number of words between white space. A list of them would hold millions of strings for a long text. */
export function countWords(text: string): number {
  let words = 0, isInside = false;
  for (let at = 0; at < text.length; at++) {
    const isWord = !isSpace(text.charCodeAt(at));
    if (isWord && !isInside) words++;
    isInside = isWord;
  }
  return words;
}

/** Whether `\s` matches a character. */
function isSpace(char: number): boolean {
  if (char < 0x80) return char === 0x20 || (char >= 0x09 && char <= 0x0d);
  if (char < 0x1680) return char === 0xa0;
  return char === 0x1680 || (char >= 0x2000 && char <= 0x200a) || char === 0x2028 ||
    char === 0x2029 || char === 0x202f || char === 0x205f || char === 0x3000 || char === 0xfeff;
}
