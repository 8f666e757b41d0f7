/** The browser tab of a run's page: its title starts with the progress. */
import type { LiveView } from "../../lib/runs/model/mod.ts";
import { percent } from "../../lib/base/mod.ts";
import { statusWord } from "../ui/Status.tsx";

/** Shows the progress, or how the run ended. The server's title starts with the status and a colon. */
export function showInTab({ status, isActive, progress }: LiveView): void {
  const state = isActive && progress !== null ? percent(progress) : statusWord(status);
  const title = document.title.replace(/^[^:]*/, state);
  if (title === document.title) return;
  document.title = title;
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
