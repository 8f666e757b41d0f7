/** Loads the tools over the fields, each when its place comes into view. */

/** The exports of a tool's module. */
export interface ToolModule {
  /** Renders the tool into its place until the signal aborts. */
  mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal): void;
}

const TOOLS: Readonly<Record<string, () => Promise<ToolModule>>> = {
  schema: () => import("./live/schema.tsx"),
  input: () => import("./live/input_schema.tsx"),
  domains: () => import("./live/domains.tsx"),
  metadata: () => import("./live/metadata.tsx"),
  servers: () => import("./live/servers.tsx"),
  code: () => import("./live/request.tsx"),
  link: () => import("./live/request.tsx"),
  paste: () => import("./live/paste.tsx"),
  names: () => import("./live/processor_keys.ts"),
};

/**
 * Loads tools as they come into view: a group opens, an output is chosen, the form is filled. Resolves once
 * those in view at first are there.
 */
export function watchTools(
  form: HTMLFormElement,
  events: readonly string[],
  signal: AbortSignal,
): Promise<unknown> {
  const look = () => {
    // The paste field is beside the form.
    const places = document.querySelectorAll<HTMLElement>("[data-tool]:not([data-loaded])");
    return Promise.all([...places].map((place) => {
      const load = TOOLS[place.dataset.tool ?? ""];
      if (!place.checkVisibility() || load === undefined) return;
      place.dataset.loaded = "";
      const repeat = watchEarly(place);
      return load().then(({ mount }) => {
        if (!signal.aborted) repeat(() => mount(place, form, signal));
      }, () => {
        // A field works without its tool, so remove the tool's server-rendered controls.
        delete place.dataset.loaded;
        if (place.dataset.tool === "schema") place.replaceChildren();
        const notice = document.querySelector<HTMLElement>("[data-unloaded]");
        if (notice === null) return;
        place.after(notice);
        notice.hidden = false;
      });
    }));
  };
  const first = look();
  for (const event of events) form.addEventListener(event, look, { signal });
  // The event does not bubble.
  document.addEventListener("toggle", look, { signal, capture: true });
  return first;
}

/**
 * Lets people use a tool's server-rendered controls before its script has loaded. Returns a function that calls
 * `mount`, and then repeats what they pressed or typed meanwhile.
 */
function watchEarly(place: HTMLElement): (mount: () => void) => void {
  const controls = () => [...place.querySelectorAll<HTMLElement>("button, input, select")];
  let pressed = -1;
  const note = ({ target }: Event) => {
    const button = target instanceof Element ? target.closest("button") : null;
    if (button?.type === "button") pressed = controls().indexOf(button);
  };
  place.addEventListener("click", note);
  return (mount) => {
    place.removeEventListener("click", note);
    const before = controls();
    const focused = before.findIndex((control) => control === document.activeElement);
    const field = before[focused];
    mount();
    const control = controls()[focused];
    control?.focus();
    if (field instanceof HTMLInputElement && control instanceof HTMLInputElement) {
      if (control.value !== field.value) {
        control.value = field.value;
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    controls()[pressed]?.click();
  };
}
