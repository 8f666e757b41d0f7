/** Opens a cell's page in a popover beside the cell. Loaded on the first click. */
import { pageLoader } from "../page_loader.ts";
import { cx } from "../ui/cx.ts";

/** Returns a function that opens a cell in place. Aborting the signal removes it. */
export function cellOpener(signal: AbortSignal): (cell: Element) => void {
  const popover = document.createElement("div");
  popover.id = "opened-cell";
  popover.className = cx("popover");
  popover.setAttribute("popover", "auto");
  popover.setAttribute("role", "dialog");
  popover.setAttribute("aria-label", "Answer");
  document.querySelector("main")?.append(popover);
  let cell: Element | null = null;
  const load = pageLoader(signal, (page) => {
    const loaded = page?.getElementById("cell");
    // On failure the cell's own page explains why.
    if (!loaded) return location.assign(linkIn(cell)?.href ?? location.href);
    popover.replaceChildren(...loaded.childNodes);
    if (cell === null) return;
    // The stylesheet positions it below the cell. Tab goes on from its source.
    if (!popover.matches(":popover-open")) {
      popover.showPopover({ source: linkIn(cell) ?? undefined });
    }
    popover.querySelector<HTMLElement>("button, a")?.focus();
  });
  popover.addEventListener("toggle", (event) => {
    if (!(event instanceof ToggleEvent) || event.newState === "open") return;
    const closed = cell;
    closed?.removeAttribute("data-open");
    cell = null;
    // Return keyboard focus to the cell, unless a click has already moved it.
    const { activeElement: at } = document;
    if (at === null || at === document.body || popover.contains(at)) linkIn(closed)?.focus();
  }, { signal });
  popover.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-close]")) {
      event.preventDefault();
      popover.hidePopover();
    }
  }, { signal });
  signal.addEventListener("abort", () => popover.remove(), { once: true });
  return (clicked) => {
    const link = linkIn(clicked);
    if (link === null) return;
    cell?.removeAttribute("data-open");
    cell = clicked;
    cell.setAttribute("data-open", "");
    load(link.href);
  };
}

/** A status has another link before it, to its run. */
function linkIn(cell: Element | null): HTMLAnchorElement | null {
  return cell?.querySelector<HTMLAnchorElement>('[href*="cell?"]') ?? null;
}
