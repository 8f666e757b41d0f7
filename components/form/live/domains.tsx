/** Domains as chips: paste a list, remove single ones, see at once what the API would refuse. */
import { useState } from "preact/hooks";
import { domainProblem, normaliseDomain, splitDomains } from "../../../lib/tasks/fields/mod.ts";
import { DOMAINS } from "../../../lib/parallel/mod.ts";
import { draw, type Field, fieldOf, keepEnter, useField, useReplacement } from "./field.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = fieldOf(place, form);
  const other = form.elements.namedItem(
    field?.name === "include_domains" ? "exclude_domains" : "include_domains",
  );
  if (field === null || !(other instanceof HTMLTextAreaElement)) return;
  draw(place, <DomainChips field={field} other={other} />, signal);
}

function DomainChips({ field, other }: { field: Field; other: Field }) {
  const [text, setText] = useField(field);
  const [others] = useField(other);
  // A field with a problem shows its text as typed.
  const [asText, setAsText] = useState(field.getAttribute("aria-invalid") === "true");
  const [status, setStatus] = useState("");
  const id = `${field.name}-add`;
  useReplacement(field, !asText, id);
  const entries = splitDomains(text);
  const set = (list: readonly string[]) => setText(list.join("\n"));
  // A pasted list is split here, because the input would join its lines.
  const add = (input: HTMLInputElement, list = input.value) => {
    const typed = list.split(/[\s,;]+/).filter((entry) => entry !== "").map(normaliseDomain);
    if (typed.length === 0) return;
    const fresh = [...new Set(typed)].filter((entry) => !entries.includes(entry));
    input.value = "";
    set([...entries, ...fresh]);
    const repeats = typed.length - fresh.length;
    setStatus(`${fresh.length} added${repeats > 0 ? `, ${repeats} already there` : ""}.`);
  };
  const total = entries.length + splitDomains(others).length;
  const wrong = entries.flatMap((entry) => {
    const why = domainProblem(entry);
    return why === null ? [] : [`${entry}: ${why}`];
  });
  return (
    <div class="mt-1">
      {!asText && (
        <div class="tokens">
          {entries.map((entry) => (
            <span key={entry} class={domainProblem(entry) === null ? "token" : "token bad"}>
              {entry}
              <button
                type="button"
                aria-label={`Remove ${entry}`}
                onClick={() => {
                  set(entries.filter((each) =>
                    each !== entry
                  ));
                  setStatus(`${entry} removed.`);
                  document.getElementById(id)?.focus();
                }}
              >
                ×
              </button>
            </span>
          ))}
          <input
            id={id}
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder={entries.length === 0 ? "example.com" : ""}
            aria-describedby={`${field.name}-hint ${field.name}-status`}
            onPaste={(event) => {
              const pasted = event.clipboardData?.getData("text") ?? "";
              if (!/[\s,;]|:\/\//.test(pasted.trim())) return;
              event.preventDefault();
              add(event.currentTarget, `${event.currentTarget.value} ${pasted}`);
            }}
            onKeyDown={(event) => {
              keepEnter(event);
              const input = event.currentTarget;
              if (
                ["Enter", ",", ";", " "].includes(event.key) && !event.ctrlKey && !event.metaKey
              ) {
                if (event.key !== "Enter") event.preventDefault();
                add(input);
              } else if (event.key === "Backspace" && input.value === "" && entries.length > 0) {
                set(entries.slice(0, -1));
                setStatus(`${entries.at(-1)} removed.`);
              }
            }}
            onBlur={(event) => add(event.currentTarget)}
          />
        </div>
      )}
      <p class="about">
        <span class={total > DOMAINS ? "bad" : ""}>{total} of {DOMAINS} in both lists.</span>{" "}
        <button type="button" class="plain touch" onClick={() => setAsText(!asText)}>
          {asText ? "Edit as chips" : "Edit as text"}
        </button>
        {entries.length > 0 && (
          <>
            {" "}
            <button type="button" class="plain touch" onClick={() => set([])}>Remove all</button>
          </>
        )}
      </p>
      {field.name === "exclude_domains" && entries.length > 0 && total > entries.length && (
        <p class="about" role="status">
          <b>The API ignores these</b> as long as the other field names a domain.
        </p>
      )}
      {wrong.length > 0 && <p class="error-text">{wrong.join("; ")}</p>}
      <p id={`${field.name}-status`} class="sr-only" aria-live="polite">{status}</p>
    </div>
  );
}
