/**
 * Whether the person wants to be told of a run's end by a notification of the browser, which
 * remembers that under `notify`; tab.ts sets it.
 */

/** `off` and `on` are the person's choice; `null` where the browser cannot or may not. */
export type Wish = "off" | "on" | null;

/** Whether a notification comes at the end. */
export function notifyWish(): Wish {
  // Typed as always there, but missing on plain http and on some phones.
  if (!globalThis.Notification || Notification.permission === "denied") return null;
  const wanted = Notification.permission === "granted" && localStorage.getItem("notify") === "on";
  return wanted ? "on" : "off";
}
