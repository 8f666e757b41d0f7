/** How a run ended if not well, and the API's warnings: what happened, what to do. */
import { cx } from "../ui/cx.ts";
import { LOST, type Notice, type RunView } from "../../lib/runs/model/mod.ts";

export function Outcome({ view, ended }: { view: RunView; ended: boolean }) {
  const ending = ended ? endingOf(view) : null;
  return (
    <>
      {ending && (
        <div class={cx("notice mt-4", ending.look)} id="outcome">
          <p>
            <strong>{ending.what}</strong>
          </p>
          {view.error && <NoticeText notice={view.error} />}
          <p>{ending.next}</p>
        </div>
      )}
      {!ending && view.error && (
        <div class="notice caution mt-4">
          <p>
            <strong>The API reported an error; the run continued.</strong>
          </p>
          <NoticeText notice={view.error} />
        </div>
      )}
      {view.warnings.length > 0 && (
        // One line above a result, which comes first.
        <details
          class={ended && ending === null ? "text-sm text-warn mt-2" : "notice caution mt-4"}
          open={ending !== null}
        >
          <summary class="touch">
            <strong>
              {view.warnings.length === 1 ? "A warning" : `${view.warnings.length} warnings`}{" "}
              from the API
            </strong>
          </summary>
          <ul>
            {view.warnings.map((warning) => (
              <li key={warning.message}>
                <NoticeText notice={warning} />
                <Advice warning={warning} endedBadly={ending !== null} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface Ending {
  readonly what: string;
  readonly next: string;
  /** Red if nothing else is said. */
  readonly look?: "calm" | "caution";
}

function endingOf(view: RunView): Ending | null {
  switch (view.status) {
    case "completed":
      return null;
    case "failed":
      return {
        what: "The run failed.",
        next: "Failed runs are not billed. Everything it did is in the trace below; " +
          "the same task can be created again.",
      };
    case "cancelled":
      return {
        what: "The run was cancelled.",
        next: "The trace below shows what it did until then.",
        look: "calm",
      };
    case "action_required":
      return {
        what: "The run stopped: it needs something from you.",
        next: "The warnings and the trace say what is missing. Fix it, then create the task again.",
        look: "caution",
      };
    case LOST:
      return {
        what: "Taskstream could not follow this run to its end.",
        next: "It may still be running at Parallel. Everything recorded so far is below.",
      };
  }
  return { what: `The run ended with the status “${view.status}”.`, next: "", look: "calm" };
}

/**
 * Advice on a warning, by its documented kind. Unless the run ended badly, it also says that the run
 * continued.
 */
function adviceFor({ type, message }: Notice, endedBadly: boolean): string {
  const advice = (wentOn: string, next: string) => endedBadly ? next : `${wentOn} ${next}`.trim();
  if (/\bMCP\b/i.test(message)) {
    return advice(
      "The run continued without that tool server.",
      "Check its address, headers and allowed tools.",
    );
  }
  switch (type) {
    case "spec_validation_warning":
      return advice(
        "The run continued.",
        "Edit the output schema as the warning says, then run it again.",
      );
    case "input_validation_warning":
      return advice(
        "The run continued with the input unchanged.",
        "Change the input or its schema so that they match.",
      );
  }
  return advice("The run continued; its result may be incomplete.", "");
}

function Advice({ warning, endedBadly }: { warning: Notice; endedBadly: boolean }) {
  const advice = adviceFor(warning, endedBadly);
  return advice === "" ? null : <p class="text-sm">{advice}</p>;
}

function NoticeText({ notice }: { notice: Notice }) {
  return (
    <p>
      {notice.message}
      {notice.ref_id && (
        <>
          {" "}
          <small class="text-soft">reference {notice.ref_id}, for Parallel’s support</small>
        </>
      )}
    </p>
  );
}
