/**
 * Opens a cell in place: what the cell's own page says, in a popover beside it. Loaded when the first one is
 * clicked.
 */
import { drawing } from "../drawing.ts";
import { cx } from "../ui/cx.ts";

/** Returns a function that opens an answer in place, until the signal ends it. */
export function cellOpener(signal: AbortSignal): (cell: Element) => void {
  const popover = document.createElement("div");
  popover.id = "opened-cell";
  popover.className = cx("popover");
  popover.setAttribute("popover", "auto");
  popover.setAttribute("role", "dialog");
  popover.setAttribute("aria-label", "Answer");
  document.querySelector("main")?.append(popover);
  let cell: Element | null = null;
  const draw = drawing(signal, (page) => {
    const drawn = page?.getElementById("cell");
    // Without it the cell's own page says why.
    if (!drawn) return location.assign(linkIn(cell)?.href ?? location.href);
    popover.replaceChildren(...drawn.childNodes);
    if (cell === null) return;
    // The stylesheet places it below the cell.
    if (!popover.matches(":popover-open")) popover.showPopover();
    popover.querySelector<HTMLElement>("button, a")?.focus();
  });
  popover.addEventListener("toggle", (event) => {
    if (!(event instanceof ToggleEvent) || event.newState === "open") return;
    const closed = cell;
    closed?.removeAttribute("data-open");
    cell = null;
    // Where one goes on by the keyboard; a click elsewhere has moved the focus already.
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
    draw(link.href);
  };
}

function linkIn(cell: Element | null): HTMLAnchorElement | null {
  return cell?.querySelector("a") ?? null;
}
