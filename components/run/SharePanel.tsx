/** The share link of a run: what it reveals, copying it, revoking it. */
import { Ago } from "../ui/Ago.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import type { NotifyOfferProps } from "./NotifyOffer.tsx";
import { Icon } from "../ui/Icon.tsx";

/** One line while the run is shared, as a reminder. */
export function SharePanel(
  { share, base, now }: { share: ShareLink; base: string; now: number },
) {
  return (
    <div id="share" class="share-line print:hidden">
      <span class="share-age">
        Shared <Ago ms={share.created_ms} now={now} />
      </span>
      <a href={share.url} class="link cut">{share.url.replace(/^https?:\/\//, "")}</a>
      <CopyButton text={share.url} what="the link" />
      <details class="menu start" name="menu">
        <summary class="touch text-accent">Who sees it</summary>
        <p class="text-sm text-soft">
          <WhoSees />
        </p>
      </details>
      <form method="post" action={`${base}/unshare`}>
        <button type="submit" class="plain touch">Stop sharing</button>
      </form>
    </div>
  );
}

/** Explains what sharing reveals, with the button to share. */
export function ShareOffer({ base }: { base: string }) {
  return (
    <details class="menu start" name="menu">
      <summary class="button ghost">
        <Icon name="share-2" /> Share
      </summary>
      <form method="post" action={`${base}/share`}>
        <p class="text-sm text-soft">
          <WhoSees />
        </p>
        <button type="submit" class="button my-4">Make a link</button>
      </form>
    </details>
  );
}

function WhoSees() {
  return (
    <>
      Anyone with the link can read the input, trace, result and cost, live while it runs. Metadata,
      keys and the addresses of webhooks and tool servers stay hidden. Search engines are asked not
      to index it. The link works until you stop sharing or delete the run.
    </>
  );
}

// Who is viewing a run's page, and what they may do.
/** A share link as shown to its owner. */
export interface ShareLink {
  readonly url: string;
  readonly created_ms: number;
}

/** The owner, or a read-only visitor with the share link. */
export type Access =
  | {
    readonly kind: "owner";
    readonly share: ShareLink | null;
    /** The run's path, without a slash at its end. */
    readonly base: string;
    /** Whether the owner will be notified when the run ends; `null` once it has ended. */
    readonly offer?: NotifyOfferProps["offer"] | null;
    /** The outcome of recently asking Parallel again. */
    readonly asked?: string;
    /** The account has no other run. */
    readonly isFirst?: boolean;
  }
  | { readonly kind: "visitor" };
