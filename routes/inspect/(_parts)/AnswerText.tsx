/** The text that the events add up to so far. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { CopyButton } from "../../../components/ui/CopyButton.tsx";
import { count } from "../../../lib/base/mod.ts";

/** The most characters in the document: the newest ones. */
const MOST = 20_000;

export function AnswerText({ text, moving }: { text: string; moving: boolean }) {
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (moving && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text, moving]);
  return (
    <section aria-labelledby="answer-title">
      <h2 id="answer-title" class="detail-part">
        Text <span class="text-soft">{count(text.length)} characters</span>
        {!moving && <CopyButton text={text} what="the text" />}
      </h2>
      <pre class="stream-raw answer" ref={box} tabIndex={0} aria-labelledby="answer-title">
        {text.length > MOST && "… "}{text.slice(-MOST)}
      </pre>
    </section>
  );
}
