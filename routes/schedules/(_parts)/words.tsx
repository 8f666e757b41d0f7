/** A schedule's times and what became of them, in words. */
import { statusWord } from "../../../components/ui/Status.tsx";
import {
  changedWords,
  type Firing,
  inZone,
  type Target,
  type Timing,
  timingWords,
} from "../../../lib/schedules/mod.ts";

/** `every day at 09:00, Europe/Berlin`. */
export function timingOf(timing: Timing): string {
  return `${timingWords(timing)}, ${timing.zone}`;
}

/** A moment in a zone; the exact one for machines. */
export function Due({ ms, zone }: { readonly ms: number; readonly zone: string }) {
  return (
    <time datetime={new Date(ms).toISOString()} title={zone} class="whitespace-nowrap">
      {inZone(ms, zone)}
    </time>
  );
}

/** What became of a due time. */
export function firingWords({ state, result }: Firing, { kind }: Target): string {
  switch (state) {
    case "claimed":
      return "about to be sent";
    case "sending":
      return "being sent";
    case "lost":
      return "may have been created";
    case "failed":
      return "not created";
    case "skipped":
      return "skipped";
    case "created":
      if (result === null) return "running";
      if (result.changed === null) return statusWord(result.status);
      return result.changed === 0 ? "nothing changed" : changedWords(result, kind);
  }
}
