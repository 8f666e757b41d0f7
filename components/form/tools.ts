/** The tools over the fields: each is loaded when its place comes into sight, and never before. */

/** What a tool's module exports. */
export interface ToolModule {
  /** Puts the tool into its place, for as long as the signal lasts. */
  mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal): void;
}

const TOOLS: Readonly<Record<string, () => Promise<ToolModule>>> = {
  schema: () => import("./live/schema.tsx"),
  input: () => import("./live/input_schema.tsx"),
  domains: () => import("./live/domains.tsx"),
  metadata: () => import("./live/metadata.tsx"),
  servers: () => import("./live/servers.tsx"),
  code: () => import("./live/code.tsx"),
  paste: () => import("./live/paste.tsx"),
  link: () => import("./live/link.tsx"),
};

/** Loads tools as they come into sight: a group is opened, an output chosen, the form filled. */
export function watchTools(form: HTMLFormElement, events: readonly string[], signal: AbortSignal) {
  const look = () => {
    for (const place of form.querySelectorAll<HTMLElement>("[data-tool]:not([data-loaded])")) {
      const load = TOOLS[place.dataset.tool ?? ""];
      if (!place.checkVisibility() || load === undefined) continue;
      place.dataset.loaded = "";
      // Without its tool a field is still a field.
      load().then(({ mount }) => signal.aborted || mount(place, form, signal), () => {
        delete place.dataset.loaded;
      });
    }
  };
  look();
  for (const event of events) form.addEventListener(event, look, { signal });
  // Does not bubble.
  form.addEventListener("toggle", look, { signal, capture: true });
}
