/** What nothing else caught: logged, and the process goes on serving everybody else. */
import { type Log, reasonOf } from "./base/mod.ts";

/**
 * Logs uncaught errors and unhandled rejections in place of ending the process with every stream and
 * recording in it. For a process that has started: before, a failure should end it.
 */
export function surviveUncaught(log: Log, target: EventTarget = globalThis): void {
  const caught = (message: string, error: unknown, event: Event) => {
    event.preventDefault();
    const stack = error instanceof Error ? error.stack : undefined;
    log("error", message, { reason: reasonOf(error), stack });
  };
  target.addEventListener("error", (event) => {
    caught("uncaught error", event instanceof ErrorEvent ? event.error : event, event);
  });
  target.addEventListener("unhandledrejection", (event) => {
    const reason = event instanceof PromiseRejectionEvent ? event.reason : event;
    caught("unhandled rejection", reason, event);
  });
}
