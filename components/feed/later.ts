/**
 * What a live page loads when it needs it: when its tab is hidden, a notification is chosen, the trace is
 * searched, or the run ends. One file, because each file adds its name to the page.
 */
export { findInTrace } from "./find.ts";

/**
 * Keeps the reader's place over the reload that shows the finished page. static/page.js reads it: the
 * announcement, and the row to scroll back to where it is now. If the reader followed the newest row, the
 * finished page starts with the result.
 */
export function keepPlace(said: string, following: boolean) {
  const place = following ? {} : firstVisibleRow();
  // The browser would restore a scroll position that means nothing on the finished page.
  history.scrollRestoration = "manual";
  sessionStorage.setItem(`keep:${location.pathname}`, JSON.stringify({ said, ...place }));
}

function firstVisibleRow(): { row?: string; top?: number } {
  const covered = document.querySelector(".pinned")?.getBoundingClientRect().bottom ?? 0;
  for (const row of document.querySelectorAll("#trace > li")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > covered) return { row: row.id, top };
  }
  return {};
}

/** Turns the notification at the run's end on or off. Asks for permission if needed. */
export async function chooseNotification(on: boolean): Promise<void> {
  const granted = on && await Notification.requestPermission() === "granted";
  localStorage.setItem("notify", granted ? "on" : "off");
}

/** Notifies a person who looks at another window that the run, or something else, has ended. */
export function tellEnd(status: string, what = "Run"): void {
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
