/**
 * The Stream Inspector: everything happens here, in the browser. The only request it ever makes is
 * the one its user writes. Plain hooks: signals would take 2 KB for nothing.
 */
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { AnswerText } from "../routes/inspect/(_parts)/AnswerText.tsx";
import { Controls } from "../routes/inspect/(_parts)/Controls.tsx";
import { download } from "../routes/inspect/(_parts)/har.ts";
import { EventDetail, type Reasons } from "../routes/inspect/(_parts)/EventDetail.tsx";
import { EventList } from "../routes/inspect/(_parts)/EventList.tsx";
import { Findings, standing } from "../routes/inspect/(_parts)/Findings.tsx";
import { Inspection } from "../routes/inspect/(_parts)/inspection.ts";
import { exportLines } from "../routes/inspect/(_parts)/ndjson.ts";
import { Timeline } from "../routes/inspect/(_parts)/Timeline.tsx";
import { Source } from "../routes/inspect/(_parts)/Source.tsx";

export interface StreamInspectorProps {
  /** US dollars of a run on Parallel by processor: the list itself stays on the server. */
  readonly runPrices: Readonly<Record<string, number>>;
  readonly reasons: Reasons;
  /** A stream to look at when there is none at hand. */
  readonly example: string;
}

export default function StreamInspector({ runPrices, reasons, example }: StreamInspectorProps) {
  // Handed down with the inspection, which stays the same object: with `@preact/signals` loaded, as
  // Fresh's runtime does, a component that uses hooks renders again only where a prop differs.
  const [drawn, draw] = useReducer((times: number) => times + 1, 0);
  const [inspection] = useState(() =>
    new Inspection({
      fetch: (url, init) => fetch(url, init),
      now: () => performance.now(),
      frame: (run) => requestAnimationFrame(run),
      pause: () => new Promise((resolve) => setTimeout(resolve)),
      onChange: () => draw(undefined),
    })
  );
  const [chosen, setChosen] = useState<number | null>(null);
  const [following, setFollowing] = useState(false);
  const [dropping, setDropping] = useState(false);
  const [asking, setAsking] = useState(true);
  const [streams, setStreams] = useState(0);
  const [awake, setAwake] = useState(false);
  const findings = useRef<HTMLElement>(null);

  const begin = (read: () => Promise<void>, follow = false) => {
    setChosen(null);
    setFollowing(follow);
    setAsking(false);
    setStreams((number) => number + 1);
    read();
  };

  useEffect(() => {
    setAwake(true);
    const left = new AbortController();
    const { signal } = left;
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDropping(event.type === "dragover");
    };
    addEventListener("dragover", over, { signal });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) setDropping(false);
    }, { signal });
    addEventListener("drop", (event) => {
      over(event);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) begin(() => inspection.readFile(file));
    }, { signal });
    return () => {
      left.abort();
      inspection.stop();
    };
  }, []);

  const { phase, blocks, rows, answer } = inspection;
  const busy = phase !== "empty" && phase !== "done";
  const empty = blocks.length === 0 && !busy;
  useEffect(() => {
    // The control that had the focus is folded away.
    findings.current?.focus({ preventScroll: true });
  }, [streams]);
  useEffect(() => {
    // The way in stays open where nothing came, and what is said about that is below it.
    if (empty) findings.current?.scrollIntoView({ block: "nearest" });
  }, [streams, empty]);
  const moving = busy || inspection.replaying;
  const block = chosen === null ? undefined : blocks[chosen];
  const text = answer.collected?.text ?? "";
  return (
    <>
      {/* What one came for comes first: the way in folds away and keeps what was typed. */}
      <details
        class="fold"
        open={asking || empty}
        onToggle={(event) => setAsking(event.currentTarget.open)}
      >
        <summary>{phase === "empty" ? "Take a stream from …" : "Inspect another stream"}</summary>
        <Source
          awake={awake}
          example={example}
          busy={busy}
          onText={(text) => begin(() => inspection.readText(text))}
          onFile={(file) => begin(() => inspection.readFile(file))}
          onOpen={(request) => begin(() => inspection.open(request), true)}
          onStop={() => inspection.stop()}
        />
      </details>
      {dropping && <p class="drop" aria-hidden="true">Drop the capture to inspect it</p>}
      <p role="status" class="sr-only">{phase === "empty" ? "" : announcement(inspection)}</p>
      {phase !== "empty" && (
        <section
          id="findings"
          class="findings"
          aria-label="Stream contents"
          tabIndex={-1}
          ref={findings}
        >
          <Findings
            inspection={inspection}
            drawn={drawn}
            runPrices={new Map(Object.entries(runPrices))}
            onChoose={setChosen}
          />
          {inspection.scanner.timed && <Timeline blocks={blocks} shown={inspection.shown} />}
          {text !== "" && <AnswerText text={text} moving={moving} />}
          {blocks.length > 0 && (
            <>
              <Controls
                inspection={inspection}
                drawn={drawn}
                following={following}
                onFollow={setFollowing}
                onReplay={() => {
                  // What is chosen may not have come yet.
                  setChosen(null);
                  setFollowing(true);
                }}
                onExport={() => download(exportLines(blocks), "stream.ndjson")}
              />
              <div class="panes">
                <EventList
                  blocks={blocks}
                  rows={rows}
                  drawn={drawn}
                  timed={inspection.scanner.timed}
                  chosen={chosen}
                  onChoose={setChosen}
                  following={following}
                  onFollow={setFollowing}
                />
                {block === undefined
                  ? (
                    <p class="detail text-soft">
                      Choose an event to see its data, its bytes and the rules it breaks. Arrow
                      keys, Page, Home and End move through the list.
                    </p>
                  )
                  : (
                    <EventDetail
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
      )}
    </>
  );
}

/** For screen readers: announces the state and the end, not every event. */
function announcement(inspection: Inspection): string {
  const word = standing(inspection);
  const { phase, replaying, blocks, tally: { events, lost } } = inspection;
  if (phase !== "done" || replaying || blocks.length === 0) return `Stream: ${word}.`;
  return `Stream: ${word}, ${events} events, ${lost} lines without effect.`;
}
