/** Selects the stream: a text, a file, or a URL that this browser opens. */
import { useRef, useState } from "preact/hooks";
import type { ReadRequest, RequestText } from "./request.ts";

type Way = "text" | "file" | "url";

const WAYS: readonly (readonly [Way, string])[] = [
  ["text", "Pasted text"],
  ["file", "A file"],
  ["url", "A URL"],
];

/** A text area is slow beyond this size. Larger pasted text is read directly. */
const LARGE = 500_000;

export interface SourceProps {
  /** The page is interactive; earlier clicks would be lost. */
  readonly awake: boolean;
  readonly busy: boolean;
  /** An example stream for users without one. */
  readonly example: string;
  readonly onText: (text: string) => void;
  readonly onFile: (file: File) => void;
  /** Resolves with what is wrong with the request, or with `null`. */
  readonly onOpen: (text: RequestText) => Promise<Wrong>;
  readonly onStop: () => void;
}

export function Source(props: SourceProps) {
  const [way, setWay] = useState<Way>("text");
  return (
    <fieldset class="stack" disabled={!props.awake}>
      <fieldset class="segments">
        <legend class="sr-only">Take the stream from</legend>
        {WAYS.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="from"
              value={value}
              checked={way === value}
              onChange={() => setWay(value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {/* Hidden rather than gone: what was typed stays. */}
      <div hidden={way !== "text"}>
        <FromText {...props} />
      </div>
      <div hidden={way !== "file"}>
        <FromFile {...props} />
      </div>
      <div hidden={way !== "url"}>
        <FromUrl {...props} />
      </div>
    </fieldset>
  );
}

function FromText({ example, onText }: SourceProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [large, setLarge] = useState(0);
  const pasted = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const large = text.length > LARGE;
    if (text === "" || !large && area.current?.value !== "") return;
    // Insert manually: the field is folded away before the browser would.
    event.preventDefault();
    if (large) {
      setLarge(text.length);
      onText(text);
    } else show(text);
  };
  const show = (text: string) => {
    setLarge(0);
    if (area.current !== null) area.current.value = text;
    onText(text);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        show(area.current?.value ?? "");
      }}
    >
      <label for="stream-text">The raw stream</label>
      <p id="stream-text-hint" class="text-sm text-soft">
        Lines like <code>data: …</code>, or a capture as NDJSON.
      </p>
      <textarea
        id="stream-text"
        ref={area}
        rows={7}
        class="font-mono text-sm mt-1"
        spellcheck={false}
        autocomplete="off"
        aria-describedby="stream-text-hint"
        onPaste={pasted}
      >
      </textarea>
      {large > 0 && (
        <p class="text-sm text-soft mt-1">
          {Math.round(large / 1e5) / 10}{" "}
          million characters pasted. They were read, but are not shown here.
        </p>
      )}
      <div class="begin">
        <button type="submit" class="button go">Inspect</button>
        <button
          type="button"
          class="plain touch"
          onClick={() => area.current?.value === "" ? show(example) : onText(example)}
        >
          Show me an example
        </button>
      </div>
    </form>
  );
}

function FromFile({ onFile }: SourceProps) {
  return (
    <>
      <label for="stream-file">A captured stream, or an export of this page</label>
      <p id="stream-file-hint" class="text-sm text-soft">
        What <code>curl -N … &gt; stream.txt</code>{" "}
        wrote, also compressed or as UTF-16, a HAR file, an NDJSON export, a run’s trace or
        result.json. Dropping it anywhere on this page works too.
      </p>
      <input
        type="file"
        id="stream-file"
        class="mt-1"
        aria-describedby="stream-file-hint"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // Cleared, so the same file can be chosen again after it changed.
          if (file !== undefined) onFile(file);
          currentTarget.value = "";
        }}
      />
    </>
  );
}

type Wrong = ReadRequest & { readonly ok: false } | null;

function FromUrl({ busy, onOpen, onStop }: SourceProps) {
  const [wrong, setWrong] = useState<Wrong>(null);
  const open = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget, fields = new FormData(form);
    const text = (name: string) => String(fields.get(name) ?? "");
    const wrong = await onOpen({
      method: text("method"),
      url: text("url"),
      headers: text("headers"),
      body: text("body"),
    });
    setWrong(wrong);
    if (wrong) form.querySelector<HTMLElement>(`[name="${wrong.field}"]`)?.focus();
  };
  const tied = (field: string) => ({
    "aria-invalid": wrong?.field === field ? "true" as const : undefined,
    "aria-describedby": wrong?.field === field ? "request-error" : undefined,
  });
  const problem = (field: string) =>
    wrong?.field === field && <p id="request-error" class="error-text mt-1">{wrong.problem}</p>;
  return (
    <form class="stack" noValidate onSubmit={open}>
      <p class="text-sm text-soft">
        This browser asks the URL itself, so the server must allow pages of{" "}
        <code>{globalThis.location?.origin ?? "this site"}</code>{" "}
        to read it (CORS). Our server neither sees nor keeps what you type here, keys included.
      </p>
      <div class="request-line">
        <div>
          <label for="request-method">Method</label>
          <select id="request-method" name="method" class="mt-1">
            {["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </div>
        <div>
          <label for="request-url">URL</label>
          <input
            id="request-url"
            name="url"
            type="url"
            class="mt-1"
            placeholder="https://"
            autocomplete="off"
            spellcheck={false}
            {...tied("url")}
          />
        </div>
      </div>
      {problem("url")}
      <div>
        <label for="request-headers">Headers</label>
        <p class="text-sm text-soft">
          One per line: <code>authorization: Bearer …</code>
        </p>
        <textarea
          id="request-headers"
          name="headers"
          rows={2}
          class="font-mono text-sm mt-1"
          spellcheck={false}
          autocomplete="off"
          {...tied("headers")}
        >
        </textarea>
        {problem("headers")}
      </div>
      <div>
        <label for="request-body">Body</label>
        <textarea
          id="request-body"
          name="body"
          rows={3}
          class="font-mono text-sm mt-1"
          spellcheck={false}
          autocomplete="off"
          {...tied("body")}
        >
        </textarea>
        {problem("body")}
      </div>
      <div class="begin">
        <button type="submit" class="button go">Open</button>
        {busy && <button type="button" class="button" onClick={onStop}>Stop</button>}
      </div>
    </form>
  );
}
