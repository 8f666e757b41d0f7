/** One notification destination: its scope, latest response and actions. */
import { Ago } from "../../../../components/ui/Ago.tsx";
import type { Target, TargetKind } from "../../../../lib/notify/mod.ts";

/** Names of the kinds of destinations. */
export const KIND_WORDS: Readonly<Record<TargetKind, string>> = {
  json: "JSON",
  slack: "Slack",
  discord: "Discord",
  teams: "Teams",
  ntfy: "ntfy",
  push: "Browser",
};

export function TargetRow({ target, now }: { readonly target: Target; readonly now: number }) {
  const { id, kind, label, off } = target;
  return (
    <li id={id}>
      <h3>{KIND_WORDS[kind]}</h3>
      <div>
        <p class="text-md">{label}</p>
        {off !== null && (
          <p class="error-text mt-1">
            Disabled <Ago ms={off.ms} now={now} />. {off.reason}
          </p>
        )}
        <Scope id={id} target={target} />
        <div class="flex flex-wrap gap-x-6 mt-1">
          <Act id={id} act="test" label={`Send a test to ${label}`}>Send a test</Act>
          {off !== null && <Act id={id} act="on" label={`Enable ${label}`}>Enable</Act>}
          <Act id={id} act="remove" label={`Remove ${label}`}>Remove</Act>
        </div>
      </div>
      <LatestResponse target={target} now={now} />
    </li>
  );
}

function Scope({ id, target }: { readonly id: string; readonly target: Target }) {
  return (
    <form method="post" action="/account/notifications" class="flex flex-wrap items-center gap-x-6">
      <input type="hidden" name="act" value="change" />
      <input type="hidden" name="target" value={id} />
      <EveryBoxes name={target.label} {...target} />
      <button type="submit" class="button" aria-label={`Save ${target.label}`}>
        Save
      </button>
    </form>
  );
}

/** What a destination is notified of, in addition to individual choices. */
export function EveryBoxes(
  { name, every_run, every_batch }: Pick<Target, "every_run" | "every_batch"> & {
    readonly name: string;
  },
) {
  return (
    <fieldset class="flex flex-wrap gap-x-6">
      <legend class="sr-only">Notify {name} of</legend>
      <label>
        <input type="checkbox" name="every_run" value="yes" checked={every_run} /> Every run
      </label>
      <label>
        <input type="checkbox" name="every_batch" value="yes" checked={every_batch} /> Every batch
      </label>
    </fieldset>
  );
}

function Act(
  { id, act, label, children }: {
    readonly id: string;
    readonly act: string;
    readonly label: string;
    readonly children: string;
  },
) {
  return (
    <form method="post" action="/account/notifications">
      <input type="hidden" name="target" value={id} />
      <button type="submit" name="act" value={act} class="plain touch text-sm" aria-label={label}>
        {children}
      </button>
    </form>
  );
}

function LatestResponse({ target, now }: { readonly target: Target; readonly now: number }) {
  const { last, failing_since_ms } = target;
  if (last === null) return <p class="text-sm text-soft">Nothing sent yet</p>;
  return (
    <div class="text-sm text-soft">
      <p class={last.ok ? "" : "bad"}>
        {last.type === "test" ? "Test: " : ""}
        {last.ok ? "delivered" : "not delivered"} <Ago ms={last.at_ms} now={now} />
      </p>
      <p class="text-ink">{last.words}</p>
      {failing_since_ms !== null && (
        <p>
          Failing since <Ago ms={failing_since_ms} now={now} />
        </p>
      )}
    </div>
  );
}
