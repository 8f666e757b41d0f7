/** The browser tab of a run's page: its title starts with the progress, and its icon fills up. */
import type { RunView } from "../../lib/runs/model/mod.ts";
import { percent } from "../../lib/base/mod.ts";
import { statusWord } from "../ui/Status.tsx";

/** Shows the progress, or how the run ended. The server's title starts with the status and a colon. */
export function showInTab({ status, isActive, progress }: RunView): void {
  const state = isActive && progress !== null ? percent(progress) : statusWord(status);
  const title = document.title.replace(/^[^:]*/, state);
  if (title === document.title) return;
  document.title = title;
  const icon = document.querySelector("link[rel=icon]");
  icon?.setAttribute("href", filledIcon(isActive ? progress ?? 0 : 100));
}

/** Returns the app's icon, filled from the bottom. */
function filledIcon(percent: number): string {
  const top = 16 - (16 * percent) / 100;
  return "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>" +
    "<path fill='%237d8882' d='M0 0h16v16H0'/>" +
    `<path fill='%2300685c' d='M0 ${top}h16v16H0'/>` +
    "<path stroke='white' stroke-width='2' d='M3 4h6M3 8h10M3 12h4'/></svg>";
}

/**
 * Whether the person wants a notification at a run's end. The browser stores it under `notify`. `null` if the
 * browser cannot notify, or may not.
 */
export type NotificationChoice = "off" | "on" | null;

/** Returns the choice that is stored in this browser. */
export function notificationChoice(): NotificationChoice {
  // Typed as always there, but missing on plain http and on some phones.
  if (!globalThis.Notification || Notification.permission === "denied") return null;
  const wanted = Notification.permission === "granted" && localStorage.getItem("notify") === "on";
  return wanted ? "on" : "off";
}
