/** Carries the reader's place over the reload that brings the finished page (see static/page.js). */

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
