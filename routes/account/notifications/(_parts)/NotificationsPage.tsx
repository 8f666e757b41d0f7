/** Where an account's notifications go, and those that have not arrived. */
import { SandboxAccountLine } from "../../../../components/ui/Simulated.tsx";
import type { Target, WaitingNotice } from "../../../../lib/notify/mod.ts";
import { AddUrl, type AddUrlProps } from "./AddUrl.tsx";
import { TargetRow } from "./TargetRow.tsx";
import { Waiting } from "./Waiting.tsx";

export interface NotificationsPageProps {
  readonly targets: readonly Target[];
  readonly waiting: readonly WaitingNotice[];
  readonly sandbox: boolean;
  /** The key that this browser subscribes with: base64url. */
  readonly pushKey: string;
  /** What was just done, as a sentence. */
  readonly done: string | null;
  /** The secret of a URL that was just added. */
  readonly signing: string | null;
  readonly add: AddUrlProps;
  /** Why this browser was not added. */
  readonly browserProblem: string | null;
  readonly now: number;
}

export function NotificationsPage(props: NotificationsPageProps) {
  const { targets, waiting, sandbox, now, done, signing } = props;
  return (
    <>
      {sandbox && <SandboxAccountLine />}
      <h1>Notifications</h1>
      <p class="mt-1 text-sm text-soft max-w-[70ch]">
        Get notified when runs and batches are done, even with no page open. A notification has the
        title, status, duration, cost, a link, and the start of the result.{" "}
        <a href="/account">Back to the account</a>
      </p>
      {done !== null && <p class="notice calm mt-4" role="status">{done}</p>}
      {signing !== null && <Signing secret={signing} />}
      <section class="mt-8" aria-labelledby="targets-title">
        <h2 id="targets-title">
          Sent to{" "}
          <span class="font-normal text-sm text-soft">
            {targets.length === 0 ? "nowhere yet" : targets.length}
          </span>
        </h2>
        <ul class="places">
          {targets.map((target) => <TargetRow key={target.id} target={target} now={now} />)}
          <ThisBrowser pushKey={props.pushKey} problem={props.browserProblem} />
          <AddUrl {...props.add} />
        </ul>
      </section>
      <Waiting waiting={waiting} now={now} />
      <section class="mt-8 text-sm text-soft max-w-[70ch]" aria-labelledby="rules-title">
        <h2 id="rules-title">How it works</h2>
        <p class="mt-1">
          If you choose a run or batch on its page, its notification goes to all of these. Schedules
          and watches notify you as you set them up there. A notification that does not arrive is
          retried for 24 hours, at growing intervals, with the same{" "}
          <code>webhook-id</code>. If nothing arrives for three days, that destination is switched
          off.
        </p>
      </section>
    </>
  );
}

/** Shows a signing secret, once. */
function Signing({ secret }: { readonly secret: string }) {
  return (
    <section class="notice caution mt-4" aria-labelledby="signing-title">
      <h2 id="signing-title">Copy the signing secret now: it is not shown again</h2>
      <p class="mt-1">
        <code>{secret}</code>
      </p>
      <p class="mt-1 text-sm max-w-[70ch]">
        Every request is signed with it by{" "}
        <a href="https://www.standardwebhooks.com" rel="noreferrer">Standard Webhooks</a>, so your
        receiver can verify where it comes from.
      </p>
    </section>
  );
}

/** Browser notifications. static/notifications.js detects support and asks for permission on a click. */
function ThisBrowser({ pushKey, problem }: { pushKey: string; problem: string | null }) {
  return (
    <li id="this-browser" data-key={pushKey}>
      <h3>This browser</h3>
      <div>
        <p id="push-state" role="status" class={problem === null ? "" : "error-text"}>
          {problem ?? "Browser notifications need JavaScript."}
        </p>
        <form id="push" method="post" action="/account/notifications" hidden>
          <input type="hidden" name="act" value="browser" />
          <input type="hidden" name="subscription" />
          <button type="submit" class="button">Turn on in this browser</button>
        </form>
      </div>
      <p class="text-sm text-soft">
        Delivered by the push service of your browser’s maker, which cannot read them: they are
        encrypted.
      </p>
    </li>
  );
}
