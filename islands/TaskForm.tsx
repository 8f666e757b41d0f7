/**
 * The form's last line and its conveniences: the price as the processor changes, Ctrl or ⌘ + Enter,
 * examples without a reload, drafts, JSON checked as one leaves a field, tools loaded as they are
 * needed, and the latest runs beside it. The fields themselves are plain HTML that this island never
 * renders, so nothing typed before it wakes is lost.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { afterPress, clearProblem } from "../components/form/check.ts";
import { Draft, isUntouched, valuesOf } from "../components/form/draft.ts";
import { change, FILLED, fillForm, startAnew } from "../components/form/fill.ts";
import { followLatest } from "../components/form/latest.ts";
import { watchTools } from "../components/form/tools.ts";
import { dollars } from "../lib/base/mod.ts";
import { priceOf } from "../lib/parallel/mod.ts";

export interface TaskFormProps {
  readonly processor: string;
  /** Nothing is billed: the price is the real API's. */
  readonly sandbox: boolean;
  /** The API could not be reached: the button tries again. */
  readonly retry: boolean;
  /** The answer got lost: an unused key for the submit that is sent anyway. */
  readonly againKey: string | null;
  /** The account whose drafts are kept. */
  readonly account: string;
  /** The form holds what a submit has sent: its draft goes on, at whatever address. */
  readonly continues: boolean;
  readonly examples: readonly {
    readonly id: string;
    readonly values: Readonly<Record<string, string>>;
  }[];
}

/** How long typing has to rest before it is kept (ms). */
const REST_MS = 400;

export default function TaskForm(props: TaskFormProps) {
  const { processor, sandbox, retry, againKey, examples } = props;
  const [chosen, setChosen] = useState(processor);
  const [sending, setSending] = useState(false);
  const [shortcut, setShortcut] = useState("Ctrl ↵");
  const [listening, setListening] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const form = button.current?.form;
    if (!form) return;
    const left = new AbortController();
    const { signal } = left;
    if (/Mac|iP/.test(navigator.platform)) setShortcut("⌘ ↵");
    const readProcessor = () => setChosen(valuesOf(form).processor);
    keepDraft(form, props, signal);
    // A browser that restores the form after Back has already chosen.
    readProcessor();
    watchTools(form, ["change", FILLED], signal);
    followLatest(signal);

    form.addEventListener(FILLED, () => {
      readProcessor();
      judgeForm(form, null);
    }, { signal });
    form.addEventListener("change", ({ target }) => {
      readProcessor();
      afterPress(() => judgeForm(form, nameOf(target)), signal);
    }, { signal });
    form.addEventListener("input", ({ target }) => {
      // Mended as one types: said no longer.
      if (isMarked(target)) judgeForm(form, nameOf(target));
    }, { signal });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        if (!event.repeat) form.requestSubmit(button.current);
      }
    }, { signal });
    let isSending = false;
    // Of a double click the second is saved: the hidden key makes one task of both anyway. A press of its
    // own goes out, for the browser may have been stopped: it ends at the task of the first one.
    button.current?.addEventListener("click", (event) => {
      if (isSending && event.detail > 1) event.preventDefault();
    }, { signal });
    setListening(true);
    form.addEventListener("submit", () => setSending(isSending = true), { signal });
    whenStopped(() => setSending(isSending = false), signal);
    document.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      if (!(event.target instanceof Element)) return;
      const fill = event.target.closest<HTMLElement>("[data-fill]");
      const field = fill?.closest("details")?.querySelector<HTMLInputElement>("input[name]");
      if (fill && field) {
        change(form, `“${field.labels?.[0]?.textContent}” is filled.`, () => {
          field.value = fill.dataset.fill ?? "";
          field.dispatchEvent(new Event("change", { bubbles: true }));
        });
        field.focus();
      }
      const link = event.target.closest<HTMLElement>("[data-example]");
      const example = examples.find(({ id }) => id === link?.dataset.example);
      if (!example) return;
      event.preventDefault();
      startAnew(form, example.values, "Filled from the example.");
      document.getElementById("input")?.focus();
    }, { signal });
    return () => left.abort();
  }, []);

  return (
    <div class="send">
      <button ref={button} type="submit" class="button" aria-busy={sending}>
        {sending ? "Creating…" : retry ? "Try again" : "Create task"}
        {/* Shown from when it is heard, in a place kept for it. */}
        <kbd class={`scripted hidden sm:inline ${listening ? "" : "invisible"}`}>
          {shortcut}
        </kbd>
      </button>
      {/* Without script it would stay the price of what was chosen before. */}
      <output for="processor" class="scripted">
        {sandbox ? "free here; " : "this run "}
        <b>{dollars(priceOf(chosen))}</b>
        {sandbox && " on the real API"}
      </output>
      {/* After the button above: Enter in a field presses the form's first. */}
      {againKey !== null && (
        <button type="submit" name="again" value={againKey} class="button quiet">
          Send anyway
        </button>
      )}
    </div>
  );
}

/** The page that was asked for does not come: the browser was stopped, or has come back from it. */
function whenStopped(work: () => void, signal: AbortSignal) {
  addEventListener("pageshow", work, { signal });
  // Escape stops loading in every browser.
  addEventListener("keydown", ({ key }) => key === "Escape" && work(), { signal });
  // Its signal aborts with the browser's Stop (Chromium 102, Safari 26.2, Firefox 147).
  const { navigation } = globalThis as { readonly navigation?: EventTarget };
  navigation?.addEventListener("navigate", (event) => {
    if ("signal" in event && event.signal instanceof AbortSignal) {
      event.signal.addEventListener("abort", work, { once: true, signal });
    }
  }, { signal });
}

const nameOf = (target: EventTarget | null) =>
  target instanceof Element ? target.getAttribute("name") : null;

const isMarked = (target: EventTarget | null) =>
  target instanceof Element && target.closest("[aria-invalid=true]") !== null;

/** Loads the server's rules when there is something to judge: JSON, or a field that was wrong. */
function judgeForm(form: HTMLFormElement, name: string | null) {
  const field = name === null ? null : form.elements.namedItem(name);
  const isJson = field instanceof HTMLElement && field.dataset.json !== undefined;
  const isInput = name?.startsWith("input") && valuesOf(form).input_format === "json";
  const wrong = form.querySelector("#errors, [aria-invalid=true]");
  if (!isJson && !isInput && wrong === null) return;
  import("../components/form/live/judge.ts").then(({ judge }) => judge(form, name), () => {
    // Without the rules a message goes with the change that may have mended it.
    if (name !== null) clearProblem(name);
  });
}

/** Brings the draft of this address back, and keeps what is typed from then on. */
function keepDraft(
  form: HTMLFormElement,
  { account, continues }: TaskFormProps,
  signal: AbortSignal,
) {
  const draft = new Draft(
    // What a submit has brought back is at no address of its own.
    { account, address: continues ? "/" : location.pathname + location.search, continues },
    () => ({ local: localStorage, session: sessionStorage }),
  );
  const rendered = continues ? null : valuesOf(form);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    draft.save(form, rendered);
  };
  const kept = rendered !== null && isUntouched(form) ? draft.load() : null;
  const note = form.querySelector<HTMLElement>("[data-draft]");
  if (rendered === null) save();
  else if (kept !== null && note !== null) {
    fillForm(form, kept);
    note.hidden = false;
    note.querySelector("button")?.addEventListener("click", () => {
      change(form, "The form is reset.", () => fillForm(form, rendered));
      note.hidden = true;
      document.getElementById("input")?.focus();
    }, { signal });
  }
  for (const event of ["input", "change", FILLED]) {
    form.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(save, REST_MS);
    }, { signal });
  }
  // The last words before the page goes are kept as well.
  addEventListener("pagehide", () => timer !== undefined && save(), { signal });
  // Another tab has signed out, or has made a task of it.
  addEventListener("storage", ({ key, newValue }) => {
    if (key === draft.key && newValue === null) clearTimeout(timer), timer = undefined;
  }, { signal });
  form.addEventListener("submit", ({ submitter }) => {
    save();
    const again = submitter instanceof HTMLButtonElement && submitter.name === "again";
    draft.sending(again ? submitter.value : String(new FormData(form).get("idempotency_key")));
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
