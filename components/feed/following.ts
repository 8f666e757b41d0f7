/** Keeps the newest row in view until the reader scrolls up. */

/** Closer to the end than this counts as the end (px): the height of a row. */
const NEAR_PX = 48;

export interface Following {
  /** Scrolls to the newest row and follows from there, or stops following. */
  toggle(): void;
  /** Call after rows were added. Scrolls only while following. */
  added(): void;
  isOn(): boolean;
}

/** Follows at first. Calls `onChange` when that changes, until the signal aborts. */
export function followNewest(
  onChange: (following: boolean) => void,
  signal: AbortSignal,
): Following {
  let following = true;
  let lastY = scrollY;
  const set = (value: boolean) => {
    if (value !== following) onChange(following = value);
  };
  const toEnd = () => {
    scrollTo(0, document.documentElement.scrollHeight);
    // Rows above may have been taken away, so this can be further up.
    lastY = scrollY;
  };
  addEventListener("scroll", () => {
    const end = document.documentElement.scrollHeight - innerHeight;
    // Only scrolling up means that the reader stops: rows that grow as they come into view scroll down.
    if (scrollY >= end - NEAR_PX) set(true);
    else if (scrollY < lastY - 2) set(false);
    lastY = scrollY;
  }, { passive: true, signal });
  return {
    toggle() {
      set(!following);
      if (following) toEnd();
    },
    added() {
      if (following) toEnd();
    },
    isOn: () => following,
  };
}
