/** The keys of a list: j and k go down and up, x ticks, / searches. Enter is the link's own. */

/** Does what a key asks for, unless it is meant for a field or for the browser. */
export function onListKey(event: KeyboardEvent, list: HTMLElement): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const links = [...list.querySelectorAll<HTMLElement>(".row-link")];
  const row = document.activeElement?.closest("tr") ?? null;
  const at = links.findIndex((link) => row?.contains(link));
  if (event.key === "/") document.getElementById("q")?.focus();
  else if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "x") row?.querySelector<HTMLInputElement>("[name=id]")?.click();
  else return;
  event.preventDefault();
}

/** Whether keys are letters there. A ticked box is a field in which nobody types. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox])"));
}
