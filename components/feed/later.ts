/**
 * What a live page loads when it is first needed: a tab is hidden, a notification wished for, the trace
 * searched, the run at its end. One file, for each more costs its name.
 */
export { findInTrace } from "./find.ts";

// Carries the reader's place over the reload that brings the finished page (see static/page.js).
/**
 * Leaves word for the page that loads next: what to announce, and the row to bring back to where it
 * is now. A reader who followed the newest row gets the answer at the top instead.
 */
export function keepPlace(said: string, following: boolean) {
  const place = following ? {} : firstVisibleRow();
  // The browser would go back to where the live page was, which is nowhere on the finished one.
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

// The notification at a run's end.
/** Turns it on, asking for permission, or off. */
export async function chooseNotification(on: boolean): Promise<void> {
  const granted = on && await Notification.requestPermission() === "granted";
  localStorage.setItem("notify", granted ? "on" : "off");
}

/** Tells a person who looks elsewhere that the run, or something else, has ended so. */
export function tellEnd(status: string, what = "Run"): void {
  if (!document.hidden) return;
  const told = new Notification(`${what} ${status}`, {
    body: document.title.replace(/^[^:]*: /, ""),
    tag: location.pathname,
  });
  told.onclick = () => {
    focus();
    told.close();
  };
}
