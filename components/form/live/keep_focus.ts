/** Keeps the focus in a tool with rows, which come and go under it. */
const CONTROLS = ":is(input, select, textarea, button):enabled";

/**
 * A new row takes the focus from the button that added it, which has `data-add`. If what has the focus is
 * removed, what is beside it takes it.
 */
export function keepFocus(place: HTMLElement, signal: AbortSignal) {
  let last: Element | null = null;
  place.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element) last = target;
  }, { signal });
  const observer = new MutationObserver((changes) => {
    const { activeElement, body } = document;
    const adds = activeElement === last && last?.hasAttribute("data-add");
    const isLost = activeElement === body && !last?.isConnected;
    for (const { addedNodes, removedNodes, previousSibling, nextSibling, target } of changes) {
      const added = adds && [...addedNodes].find((node) => node instanceof HTMLElement);
      const removed = isLost && [...removedNodes].some((node) => node.contains(last));
      const to = added
        ? controlsIn(added)[0]
        : removed
        ? controlsIn(previousSibling).at(-1) ?? controlsIn(nextSibling)[0] ?? controlsIn(target)[0]
        : undefined;
      if (to) return to.focus();
    }
  });
  observer.observe(place, { childList: true, subtree: true });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

function controlsIn(node: Node | null): HTMLElement[] {
  return node instanceof Element ? [...node.querySelectorAll<HTMLElement>(CONTROLS)] : [];
}
