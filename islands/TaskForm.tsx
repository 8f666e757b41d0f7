/**
 * The submit line of the form, and what a script adds to the form: the price of the chosen processor, Ctrl
 * or ⌘ + Enter, examples without a reload, drafts, JSON checks when a field loses the focus, tools that load
 * on demand, and the latest runs. The island never renders the fields, which are plain HTML, so that text
 * typed before it starts is kept.
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
  /** Nothing is billed: the price shown is that of the real API. */
  readonly sandbox: boolean;
  /** The API could not be reached: the button says “Try again”. */
  readonly retry: boolean;
  /** The response was lost: an unused key for “Send anyway”. */
  readonly againKey: string | null;
  /** The account that owns the drafts. */
  readonly account: string;
  /** The form shows what a submit has sent: its draft continues, at any address. */
  readonly continues: boolean;
  readonly examples: readonly {
    readonly id: string;
    readonly values: Readonly<Record<string, string>>;
  }[];
}

/** Pause in typing after which the draft is saved (ms). */
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
    // After Back, the browser may have restored another choice.
    readProcessor();
    watchTools(form, ["change", FILLED], signal);
    followLatest(signal);

    form.addEventListener(FILLED, () => {
      readProcessor();
      checkFields(form, null);
    }, { signal });
    form.addEventListener("change", ({ target }) => {
      readProcessor();
      afterPress(() => checkFields(form, nameOf(target)), signal);
    }, { signal });
    form.addEventListener("input", ({ target }) => {
      // Clear the message as soon as the text is right.
      if (isMarked(target)) checkFields(form, nameOf(target));
    }, { signal });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        if (!event.repeat) form.requestSubmit(button.current);
      }
    }, { signal });
    let isSending = false;
    // Ignore the second click of a double click. A later click is sent, because the browser may have been
    // stopped: its idempotency key leads to the task of the first one.
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
      <button ref={button} type="submit" class="button go big" aria-busy={sending}>
        {sending ? "Creating…" : retry ? "Try again" : "Create task"}
        {/* Visible once the shortcut works; its space is reserved. */}
        <kbd class={`scripted hidden sm:inline ${listening ? "" : "invisible"}`}>
          {shortcut}
        </kbd>
      </button>
      {/* Without script the price would not change with the choice. */}
      <output for="processor" class="scripted">
        {sandbox ? "free here; " : "this run "}
        <b>{dollars(priceOf(chosen))}</b>
        {sandbox && " on the real API"}
      </output>
      {/* After the button above, because Enter in a field presses the form's first button. */}
      {againKey !== null && (
        <button type="submit" name="again" value={againKey} class="button">
          Send anyway
        </button>
      )}
    </div>
  );
}

/** Calls `work` when the browser stops loading the next page, or comes back from it. */
function whenStopped(work: () => void, signal: AbortSignal) {
  addEventListener("pageshow", work, { signal });
  // Escape stops loading in every browser.
  addEventListener("keydown", ({ key }) => key === "Escape" && work(), { signal });
  // This signal aborts with the browser's Stop button (Chromium 102, Safari 26.2, Firefox 147).
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

/** Loads the server's rules to check a field: one with JSON, or one that was wrong. */
function checkFields(form: HTMLFormElement, name: string | null) {
  const field = name === null ? null : form.elements.namedItem(name);
  const isJson = field instanceof HTMLElement && field.dataset.json !== undefined;
  const isInput = name?.startsWith("input") && valuesOf(form).input_format === "json";
  const wrong = form.querySelector("#errors, [aria-invalid=true]");
  if (!isJson && !isInput && wrong === null) return;
  import("../components/form/live/judge.ts").then(({ judge }) => judge(form, name), () => {
    // The rules could not be loaded: clear the message, because the change may have fixed it.
    if (name !== null) clearProblem(name);
  });
}

/** Restores the draft of this address, and saves it as the form changes. */
function keepDraft(
  form: HTMLFormElement,
  { account, continues }: TaskFormProps,
  signal: AbortSignal,
) {
  const draft = new Draft(
    // A form that a submit brought back has no address of its own.
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
  // Save before the page is hidden.
  addEventListener("pagehide", () => timer !== undefined && save(), { signal });
  // Another tab has signed out, or created the task.
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
