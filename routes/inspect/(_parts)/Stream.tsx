/**
 * An inspected stream: its findings, its events and the selected event. The page loads this module, which
 * includes the code that reads streams, when the user is about to inspect one.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "../../../components/ui/CopyButton.tsx";
import { count } from "../../../lib/base/mod.ts";
import { Controls } from "./Controls.tsx";
import type { Reasons } from "./EventDetail.tsx";
import { EventList } from "./EventList.tsx";
import { Findings, stateWords } from "./Findings.tsx";
import { download, exportLines } from "./export.ts";
import type { Inspection } from "./inspection.ts";
import { UNLOADED, useLazy } from "./lazy.ts";
import { Timeline } from "./Timeline.tsx";

export { Inspection } from "./inspection.ts";

export interface StreamProps {
  readonly inspection: Inspection;
  /** Changes with each change of the inspection; see StreamInspector. */
  readonly drawn: number;
  /** The number of streams so far. */
  readonly streams: number;
  /** US dollars of a run on Parallel by processor. */
  readonly runPrices: Readonly<Record<string, number>>;
  readonly reasons: Reasons;
  /** The index of the selected block. */
  readonly chosen: number | null;
  readonly onChoose: (index: number | null) => void;
  /** Follow the end while the list grows. */
  readonly following: boolean;
  readonly onFollow: (following: boolean) => void;
}

export function Stream(props: StreamProps) {
  const { inspection, drawn, streams, runPrices, reasons } = props;
  const { chosen, onChoose, following, onFollow } = props;
  const { phase, blocks, rows, answer } = inspection;
  const section = useRef<HTMLElement>(null);
  const empty = blocks.length === 0 && phase === "done";
  useEffect(() => {
    // The control that had the focus is folded away.
    section.current?.focus({ preventScroll: true });
  }, [streams]);
  useEffect(() => {
    // Without any events the source stays open above: scroll to the message about it.
    if (empty) section.current?.scrollIntoView({ block: "nearest" });
  }, [streams, empty]);
  const moving = phase !== "done" || inspection.replaying;
  const block = chosen === null ? undefined : blocks[chosen];
  const [near, setNear] = useState(false);
  const detail = useLazy(() => import("./EventDetail.tsx"), chosen ?? (near || null));
  const text = answer.collected?.text ?? "";
  return (
    <section
      id="findings"
      class="findings"
      aria-label="Stream contents"
      tabIndex={-1}
      ref={section}
    >
      <Findings
        inspection={inspection}
        drawn={drawn}
        runPrices={new Map(Object.entries(runPrices))}
        onChoose={onChoose}
      />
      {inspection.scanner.timed && <Timeline blocks={blocks} shown={inspection.shown} />}
      {text !== "" && <AnswerText text={text} moving={moving} />}
      {blocks.length > 0 && (
        <>
          <Controls
            inspection={inspection}
            drawn={drawn}
            following={following}
            onFollow={onFollow}
            onReplay={() => {
              // What is chosen may not have come yet.
              onChoose(null);
              onFollow(true);
            }}
            onExport={() => download(exportLines(blocks), "stream.ndjson")}
          />
          <div class="panes" onPointerOver={() => setNear(true)} onFocusIn={() => setNear(true)}>
            <EventList
              blocks={blocks}
              rows={rows}
              drawn={drawn}
              timed={inspection.scanner.timed}
              chosen={chosen}
              onChoose={onChoose}
              following={following}
              onFollow={onFollow}
            />
            {block === undefined
              ? (
                <p class="detail text-soft">
                  Choose an event to see its data, its bytes and the rules it breaks. Arrow keys,
                  Page, Home and End move through the list.
                </p>
              )
              : typeof detail === "string"
              ? <p class="detail text-soft" role="status">{detail === "failed" && UNLOADED}</p>
              : (
                <detail.EventDetail
                  block={block}
                  before={blocks[block.index - 1]}
                  bytes={inspection.bytesOf(block)}
                  imported={inspection.imported}
                  reasons={reasons}
                />
              )}
          </div>
        </>
      )}
    </section>
  );
}

/** For screen readers: announces the state and the end, not every event. */
export function announcement(inspection: Inspection): string {
  const word = stateWords(inspection);
  const { phase, replaying, blocks, tally: { events, lost } } = inspection;
  if (phase !== "done" || replaying || blocks.length === 0) return `Stream: ${word}.`;
  return `Stream: ${word}, ${events} events, ${lost} lines without effect.`;
}

/** The most characters in the document: the newest ones. */
const MAX_TEXT = 20_000;

/** The text that the events add up to so far. */
function AnswerText({ text, moving }: { text: string; moving: boolean }) {
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
        {text.length > MAX_TEXT && "… "}{text.slice(-MAX_TEXT)}
      </pre>
    </section>
  );
}
