/**
 * What a tab says of its run while nobody looks at it: title, icon, and one notification at the end.
 * Loaded when a tab is first hidden, or somebody asks to be told.
 */
import type { RunView } from "../../lib/runs/view.ts";
import type { Wish } from "./wish.ts";

/** What the page has loaded already; imported here, each would be a file of its own. */
export interface Loaded {
  readonly statusWord: (status: string) => string;
  readonly percent: (value: number) => string;
  readonly notifyWish: () => Wish;
}

/** Turns the notification on, asking for permission, or off again. */
export async function toggleNotify({ notifyWish }: Loaded): Promise<Wish> {
  const on = notifyWish() === "off" && await Notification.requestPermission() === "granted";
  localStorage.setItem("notify", on ? "on" : "off");
  return notifyWish();
}

/** The tab of one run's page. */
export class Tab {
  readonly #title = document.title.replace(/^[^:]*: /, "");
  readonly #loaded: Loaded;
  readonly #icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
  }

  /** Shows how far the run is, or how it ended. */
  show({ status, isActive, progress }: RunView): void {
    const state = isActive && progress !== null
      ? this.#loaded.percent(progress)
      : this.#loaded.statusWord(status);
    document.title = `${state}: ${this.#title}`;
    if (this.#icon) this.#icon.href = icon(isActive ? progress ?? 0 : 100);
  }

  /** Tells a person who asked for it, and only one who looks elsewhere, that the run has ended. */
  tell({ status }: RunView): void {
    if (!document.hidden || this.#loaded.notifyWish() !== "on") return;
    const told = new Notification(`Run ${this.#loaded.statusWord(status)}`, {
      body: this.#title,
      tag: location.pathname,
    });
    told.onclick = () => {
      focus();
      told.close();
    };
  }
}

/** The app's icon, filled from the bottom by so many percent. */
function icon(percent: number): string {
  const filled = (16 * percent) / 100;
  return "data:image/svg+xml," + encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
      '<rect width="16" height="16" rx="2" fill="#7d8882"/>' +
      `<rect y="${16 - filled}" width="16" height="${filled}" rx="2" fill="#00685c"/>` +
      '<path d="M3 4h6M3 8h10M3 12h4" stroke="#fff" stroke-width="2"/></svg>',
  );
}
