/**
 * The submit line of the form, and what a script adds to the form: the price of the chosen processor, Ctrl
 * or ⌘ + Enter, examples without a reload, drafts, checks, tools that load on demand, and the latest runs.
 * The island never renders the fields, which are plain HTML, so that text typed before it starts is kept.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { watchFields } from "../components/form/watch_fields.ts";
import { keepDraft } from "../components/form/draft.ts";
import { change, FILLED } from "../components/form/fill.ts";
import { PlanLine } from "../components/form/PlanLine.tsx";
import { watchSending } from "../components/form/sending.ts";
import { watchTools } from "../components/form/tools.ts";
import {
  charsOf,
  grouped,
  linesIn,
  type Plan,
  planOf,
  showChoice,
  showLength,
  valuesOf,
} from "../components/form/values.ts";
import { dollars } from "../lib/base/mod.ts";
import { priceOf } from "../lib/parallel/mod.ts";

export interface TaskFormProps {
  /** What the form was rendered with. */
  readonly plan: Plan;
  /** The inputs of a form that takes several; `null` for one that takes one. */
  readonly inputs: number | null;
  /** The API could not be reached: the button says “Try again”. */
  readonly retry: boolean;
  /** The response was lost: an unused key for “Send anyway”. */
  readonly againKey: string | null;
  /** The account that owns the drafts. */
  readonly account: string;
  /** The form shows what a submit has sent: its draft continues, at any address. */
  readonly continues: boolean;
}

export default function TaskForm(props: TaskFormProps) {
  const { retry, againKey } = props;
  const [plan, setPlan] = useState(props.plan);
  const [inputs, setInputs] = useState(props.inputs);
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
    const readForm = () => {
      const values = valuesOf(form);
      setPlan(planOf(values));
      if (props.inputs !== null) setInputs(linesIn(values.input).length);
      showLength(charsOf(values));
      showChoice(values.processor);
    };
    const address = props.inputs === null ? "/" : "/?several=1";
    keepDraft(form, { ...props, address }, signal);
    // After Back, the browser may have restored other values.
    readForm();
    watchTools(form, ["change", FILLED], signal).then(() => {
      // The tools are ready after the next paint.
      requestAnimationFrame(() =>
        setTimeout(() => delete document.documentElement.dataset.restoring)
      );
    });
    watchFields(form, signal);
    watchSending(form, setSending, signal);
    if (document.querySelector("#latest-runs [data-active]")) {
      import("../components/form/latest.ts").then(({ followLatest }) => {
        if (!signal.aborted) followLatest(signal);
      }, () => {});
    }
    for (const event of ["input", "change", FILLED]) {
      form.addEventListener(event, readForm, { signal });
    }
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        if (!event.repeat) form.requestSubmit(button.current);
      }
    }, { signal });
    setListening(true);
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
      const link = event.target.closest<HTMLAnchorElement>("a[data-example]");
      // Several inputs have a form of their own, which the example's link leaves.
      if (!link || props.inputs !== null) return;
      event.preventDefault();
      // After a deploy the code may be gone: the server fills the form.
      import("../components/form/live/fill_example.ts").then(({ fillFrom }) => fillFrom(form, link))
        .catch(() => location.assign(link.href));
    }, { signal });
    return () => left.abort();
  }, []);

  const price = priceOf(plan.processor);
  return (
    <div class="send">
      <button ref={button} type="submit" class="button go big" aria-busy={sending}>
        {sending ? "Creating…" : retry ? "Try again" : inputs === null ? "Create task" : "Continue"}
        {/* Visible once the shortcut works; its space is reserved. */}
        <kbd class={`scripted hidden sm:inline ${listening ? "" : "invisible"}`}>
          {shortcut}
        </kbd>
      </button>
      <PlanLine plan={plan}>
        {inputs === null ? <b>{dollars(price)}</b> : (
          <span>
            {grouped(inputs)} × {dollars(price)} ={" "}
            <b>{dollars(price === null ? null : inputs * price)}</b>
          </span>
        )}
      </PlanLine>
      {againKey !== null && (
        <button type="submit" name="again" value={againKey} class="button">
          Send anyway
        </button>
      )}
    </div>
  );
}
