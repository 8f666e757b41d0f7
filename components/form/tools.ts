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
};

/** Loads tools as they come into view: a group opens, an output is chosen, the form is filled. */
export function watchTools(form: HTMLFormElement, events: readonly string[], signal: AbortSignal) {
  const look = () => {
    // The paste stands beside the form.
    for (const place of document.querySelectorAll<HTMLElement>("[data-tool]:not([data-loaded])")) {
      const load = TOOLS[place.dataset.tool ?? ""];
      if (!place.checkVisibility() || load === undefined) continue;
      place.dataset.loaded = "";
      // A field works without its tool, and without what the server has drawn of it.
      load().then(({ mount }) => signal.aborted || mount(place, form, signal), () => {
        delete place.dataset.loaded;
        if (place.dataset.tool === "schema") place.replaceChildren();
      });
    }
  };
  look();
  for (const event of events) form.addEventListener(event, look, { signal });
  // The event does not bubble.
  document.addEventListener("toggle", look, { signal, capture: true });
}
