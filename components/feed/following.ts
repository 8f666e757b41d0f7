/** Sticks the window to the newest row until the reader scrolls up. */

/** This close to the end counts as the end (px): a row's height. */
const NEAR_PX = 48;

export interface Following {
  /** Goes to the newest row and follows again. */
  jump(): void;
  /** After rows were added: moves only while following. */
  added(): void;
  /** Stops following where the reader is. */
  pause(): void;
}

/** Follows from the start; tells `onChange` when that changes, until the signal ends it. */
export function followNewest(
  onChange: (following: boolean) => void,
  signal: AbortSignal,
): Following {
  let following = true;
  let lastY = scrollY;
  const set = (value: boolean) => {
    if (value !== following) onChange(following = value);
  };
  const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);
  addEventListener("scroll", () => {
    const end = document.documentElement.scrollHeight - innerHeight;
    // Only upwards is a wish to stop: rows that grow while they come into view also scroll.
    if (scrollY >= end - NEAR_PX) set(true);
    else if (scrollY < lastY - 2) set(false);
    lastY = scrollY;
  }, { passive: true, signal });
  return {
    jump() {
      set(true);
      toEnd();
    },
    added() {
      if (following) toEnd();
    },
    pause: () => set(false),
  };
}
