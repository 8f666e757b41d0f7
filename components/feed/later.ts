/**
 * What a live page loads when it needs it: when its tab is hidden, a notification is chosen, or the
 * run ends. One file, because each file adds its name to the page.
 */
import { cx } from "../ui/cx.ts";

/**
 * Keeps the reader's place over the reload that shows the finished page. static/page.js reads it: the
 * announcement, and the row to scroll back to where it is now, or the search that the reader types in. If they
 * followed the newest row, the finished page starts with the result.
 */
export function keepPlace(announcement: string, following: boolean) {
  const place = searchInUse() ?? (following ? {} : firstVisibleRow());
  // The browser would restore a scroll position that means nothing on the finished page.
  history.scrollRestoration = "manual";
  sessionStorage.setItem(`keep:${location.pathname}`, JSON.stringify({ announcement, ...place }));
}

function searchInUse() {
  const box = document.querySelector<HTMLInputElement>("#find:focus");
  return box && {
    row: box.id,
    top: box.getBoundingClientRect().top,
    text: box.value,
    caret: box.selectionStart,
  };
}

function firstVisibleRow(): { row?: string; top?: number } {
  const covered = document.querySelector(".live-bar")?.getBoundingClientRect().bottom ?? 0;
  for (const row of document.querySelectorAll("#trace .e")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (row.id && bottom > covered) return { row: row.id, top };
  }
  return {};
}

/** Fills the app's icon from the bottom by so many percent. */
export function fillIcon(percent: number): void {
  const top = 16 - (16 * percent) / 100;
  document.querySelector("link[rel=icon]")?.setAttribute(
    "href",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>" +
      "<path fill='%237d8882' d='M0 0h16v16H0'/>" +
      `<path fill='%2300685c' d='M0 ${top}h16v16H0'/>` +
      "<path stroke='white' stroke-width='2' d='M3 4h6M3 8h10M3 12h4'/></svg>",
  );
}

/** Turns the notification at the run's end on or off. Asks for permission if needed. */
export async function chooseNotification(on: boolean): Promise<void> {
  const granted = on && await Notification.requestPermission() === "granted";
  localStorage.setItem("notify", granted ? "on" : "off");
}

/** Notifies a person who looks at another window that the run, or something else, has ended. */
export function notifyEnd(status: string, what = "Run"): void {
  if (!document.hidden) return;
  const notification = new Notification(`${what} ${status}`, {
    body: document.title.replace(/^[^:]*: /, ""),
    tag: location.pathname,
  });
  notification.onclick = () => {
    focus();
    notification.close();
  };
}

/**
 * Lets the answers of a finished batch use all the room they need. On a phone, where each answer had one line,
 * a row grows only while it is out of sight, so that nothing moves under the reader's eyes. In a browser without
 * scroll anchoring, rows above the viewport wait until they are below it. While the tab is hidden, all rows and
 * columns grow.
 */
export function settle(table: Element | null): void {
  const keepsPlace = CSS.supports("overflow-anchor: auto");
  const sight = new IntersectionObserver((rows) => {
    for (const { isIntersecting, boundingClientRect, target } of rows) {
      if (isIntersecting || (boundingClientRect.top < 0 && !keepsPlace)) continue;
      sight.unobserve(target);
      target.classList.add(cx("settled"));
    }
  });
  for (const row of table?.querySelectorAll("tbody > tr") ?? []) sight.observe(row);
  const release = () => {
    if (!document.hidden) return;
    document.removeEventListener("visibilitychange", release);
    table?.classList.remove(cx("steady"));
    table?.querySelector("colgroup")?.remove();
  };
  document.addEventListener("visibilitychange", release);
  release();
}
