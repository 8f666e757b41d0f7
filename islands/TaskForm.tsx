/**
 * The form's last line and its conveniences: the price as the processor changes, Ctrl or ⌘ + Enter,
 * examples without a reload, JSON checked as one leaves a field. The fields themselves are plain
 * HTML that this island never renders, so nothing typed before it wakes is lost.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { afterPress, checkJson, clearProblem } from "../components/form/check.ts";
import { fillForm } from "../components/form/fill.ts";
import { dollars } from "../components/format.ts";
import { priceOf } from "../lib/parallel/processors.ts";

export interface TaskFormProps {
  readonly processor: string;
  /** Nothing is billed: the price is the real API's. */
  readonly sandbox: boolean;
  /** The API could not be reached: the button tries again. */
  readonly retry: boolean;
  /** The answer got lost: an unused key for the submit that is sent anyway. */
  readonly againKey: string | null;
  readonly examples: readonly {
    readonly id: string;
    readonly values: Readonly<Record<string, string>>;
  }[];
}

export default function TaskForm(props: TaskFormProps) {
  const { processor, sandbox, retry, againKey, examples } = props;
  const chosen = useSignal(processor);
  const sending = useSignal(false);
  const shortcut = useSignal("Ctrl ↵");
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const form = button.current?.form;
    if (!form) return;
    const left = new AbortController();
    const { signal } = left;
    if (/Mac|iP/.test(navigator.platform)) shortcut.value = "⌘ ↵";
    const readProcessor = () => chosen.value = String(new FormData(form).get("processor"));
    // A browser that restores the form after Back has already chosen.
    readProcessor();

    form.addEventListener("change", ({ target }) => {
      readProcessor();
      afterPress(() => {
        if (target instanceof HTMLTextAreaElement && target.dataset.json !== undefined) {
          checkJson(target);
        } else if (target instanceof HTMLElement) clearProblem(target);
      }, signal);
    }, { signal });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        form.requestSubmit(button.current);
      }
    }, { signal });
    form.addEventListener("submit", (event) => {
      // The hidden key makes one task of two submits anyway; this saves the second request.
      if (sending.value) event.preventDefault();
      sending.value = true;
    }, { signal });
    addEventListener("pageshow", () => sending.value = false, { signal });
    document.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      const link = event.target instanceof Element && event.target.closest("[data-example]");
      const example = examples.find(({ id }) =>
        link && link instanceof HTMLElement && link.dataset.example === id
      );
      if (!example) return;
      event.preventDefault();
      fillForm(form, example.values);
      readProcessor();
      document.getElementById("input")?.focus();
    }, { signal });
    return () => left.abort();
  }, []);

  return (
    <div class="send">
      <button ref={button} type="submit" class="button" aria-disabled={sending.value}>
        {sending.value ? "Creating…" : retry ? "Try again" : "Create task"}
        <kbd class="scripted hidden sm:inline">{shortcut.value}</kbd>
      </button>
      <output for="processor">
        {sandbox ? "free here; " : "this run "}
        <b>{dollars(priceOf(chosen.value))}</b>
        {sandbox && " on the real API"}
      </output>
      {/* After the button above: Enter in a field presses the form's first. */}
      {againKey !== null && (
        <button type="submit" name="again" value={againKey} class="button quiet">
          Send it anyway
        </button>
      )}
    </div>
  );
}
