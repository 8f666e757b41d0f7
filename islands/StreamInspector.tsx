/**
 * The Stream Inspector: everything happens here, in the browser. The only request it ever makes is
 * the one its user writes. Plain hooks: signals would take 2 KB for nothing. The page starts with
 * the source alone: the code that reads and shows streams loads when the user points at the source, focuses it
 * or drags a file.
 */
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Reasons } from "../routes/inspect/(_parts)/EventDetail.tsx";
import type { Inspection } from "../routes/inspect/(_parts)/inspection.ts";
import type { RequestText } from "../routes/inspect/(_parts)/request.ts";
import { Source } from "../routes/inspect/(_parts)/Source.tsx";

export interface StreamInspectorProps {
  /** US dollars of a run on Parallel by processor: the list itself stays on the server. */
  readonly runPrices: Readonly<Record<string, number>>;
  readonly reasons: Reasons;
  /** An example stream for users without one. */
  readonly example: string;
}

/** The code that reads and shows streams. */
type Reader = typeof import("../routes/inspect/(_parts)/Stream.tsx") & {
  readonly inspection: Inspection;
};

export default function StreamInspector({ runPrices, reasons, example }: StreamInspectorProps) {
  // Handed down with the inspection, which stays the same object: with `@preact/signals` loaded, as
  // Fresh's runtime does, a component that uses hooks renders again only where a prop differs.
  const [drawn, draw] = useReducer((times: number) => times + 1, 0);
  const [reader, setReader] = useState<Reader | null>(null);
  const [unloaded, setUnloaded] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const [following, setFollowing] = useState(false);
  const [dropping, setDropping] = useState(false);
  const [asking, setAsking] = useState(true);
  const [streams, setStreams] = useState(0);
  const [awake, setAwake] = useState(false);
  const loading = useRef<Promise<Reader | null> | null>(null);
  const source = useRef<HTMLDetailsElement>(null);

  /** Loads the reader, once. Resolves with `null` if that fails: the next call tries again. */
  const load = () =>
    loading.current ??= import("../routes/inspect/(_parts)/Stream.tsx").then(
      (parts) => {
        const inspection = new parts.Inspection({
          fetch: (url, init) => fetch(url, init),
          now: () => performance.now(),
          frame: (run) => requestAnimationFrame(run),
          pause: () => new Promise((resolve) => setTimeout(resolve)),
          onChange: () => draw(undefined),
        });
        const reader = { ...parts, inspection };
        setReader(reader);
        return reader;
      },
      () => loading.current = null,
    );

  const loaded = async () => {
    const reader = await load();
    setUnloaded(reader === null);
    return reader;
  };

  const begin = async (read: (inspection: Inspection) => Promise<void>, follow = false) => {
    const reader = await loaded();
    if (reader === null) return;
    setChosen(null);
    setFollowing(follow);
    setAsking(false);
    setStreams((number) => number + 1);
    read(reader.inspection);
  };

  /** Opens a URL. Resolves with what is wrong with the request, if anything is. */
  const open = async (text: RequestText) => {
    const [reader, requests] = await Promise.all([
      loaded(),
      import("../routes/inspect/(_parts)/request.ts").catch(() => null),
    ]);
    if (reader === null || requests === null) {
      setUnloaded(true);
      return null;
    }
    const read = requests.readRequest(text, location.href);
    if (!read.ok) return read;
    await begin((inspection) => inspection.open(read.request), true);
    return null;
  };

  useEffect(() => {
    setAwake(true);
    const left = new AbortController();
    const { signal } = left;
    for (const type of ["pointerover", "focusin"]) {
      source.current?.addEventListener(type, load, { once: true, signal });
    }
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDropping(event.type === "dragover");
    };
    addEventListener("dragenter", load, { once: true, signal });
    addEventListener("dragover", over, { signal });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) setDropping(false);
    }, { signal });
    addEventListener("drop", (event) => {
      over(event);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) begin((inspection) => inspection.readFile(file));
    }, { signal });
    return () => {
      left.abort();
      loading.current?.then((reader) => reader?.inspection.stop());
    };
  }, []);

  const inspection = reader?.inspection;
  const phase = inspection?.phase ?? "empty";
  const busy = phase !== "empty" && phase !== "done";
  const empty = !inspection?.blocks.length && !busy;
  return (
    <>
      {/* With a stream, its source folds away and keeps what was typed. */}
      <details
        class="fold"
        open={asking || empty}
        ref={source}
        onToggle={(event) => setAsking(event.currentTarget.open)}
      >
        <summary>{phase === "empty" ? "Take a stream from …" : "Inspect another stream"}</summary>
        <Source
          awake={awake}
          example={example}
          busy={busy}
          onText={(text) => begin((inspection) => inspection.readText(text))}
          onFile={(file) => begin((inspection) => inspection.readFile(file))}
          onOpen={open}
          onStop={() => inspection?.stop()}
        />
      </details>
      {unloaded && (
        <p class="notice mt-2" role="alert">
          The code that reads streams could not be loaded. Check your connection, then try again or
          reload the page.
        </p>
      )}
      {dropping && <p class="drop" aria-hidden="true">Drop the capture to inspect it</p>}
      <p role="status" class="sr-only">
        {reader === null || phase === "empty" ? "" : reader.announcement(reader.inspection)}
      </p>
      {reader !== null && phase !== "empty" && (
        <reader.Stream
          inspection={reader.inspection}
          drawn={drawn}
          streams={streams}
          runPrices={runPrices}
          reasons={reasons}
          chosen={chosen}
          onChoose={setChosen}
          following={following}
          onFollow={setFollowing}
        />
      )}
    </>
  );
}
