/** Keeps what is typed in the form of a new batch: on the server with its table, and for another table. */

/** Pause in typing after which the form is kept (ms). */
const REST_MS = 500;
/** Fields of the table that the form was made for. */
const OF_TABLE = /^(?:choices|column\b.*|draft|name\b.*|sheet)$/;

/** Stores the form's texts in the draft as they change, and sends them along with another table. */
export function keepBatch(form: HTMLFormElement, signal: AbortSignal) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    const fields = new URLSearchParams(textsIn(form));
    fields.set("keep", "on");
    // Arrives even if the page is being left. Browsers send up to 64 KiB.
    navigator.sendBeacon("/batches/preview", fields);
  };
  for (const event of ["input", "change"]) {
    form.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(keep, REST_MS);
    }, { signal });
  }
  addEventListener("pagehide", () => timer !== undefined && keep(), { signal });
  document.addEventListener("formdata", ({ target, formData }) => {
    if (!(target instanceof HTMLFormElement) || target.id === form.id) return;
    if (!target.querySelector('[type="file"]')) return;
    for (const [name, text] of textsIn(form)) {
      if (!OF_TABLE.test(name)) formData.append(name, text);
    }
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  form.dataset.kept = "";
}

function textsIn(form: HTMLFormElement): [name: string, text: string][] {
  return [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : []
  );
}
