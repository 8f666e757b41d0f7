/** Where a search found its words in a run, the words marked. */
import type { Excerpt } from "../lib/runs/model/mod.ts";

export function Found({ excerpt }: { excerpt: Excerpt }) {
  return (
    <p class="text-sm text-muted" dir="auto">
      {excerpt.place === "input" ? "" : `${excerpt.place}: `}
      {excerpt.pieces.map(({ text, hit }, index) =>
        hit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>
      )}
    </p>
  );
}
