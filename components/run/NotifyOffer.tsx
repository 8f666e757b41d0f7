/** Offers to notify the owner when a run or batch is done. A plain form. */
import type { Offer } from "../../lib/notify/mod.ts";
import { Icon } from "../ui/Icon.tsx";

export interface NotifyOfferProps {
  readonly offer: Offer;
  /** The path of its page. */
  readonly base: string;
}

export function NotifyOffer({ offer, base }: NotifyOfferProps) {
  if (offer === "no targets" || offer === "every") {
    return (
      <a href="/account/notifications">
        <Icon name="bell" />{" "}
        {offer === "every" ? "You will be notified when it is done" : "Notify me when it is done"}
      </a>
    );
  }
  const isChosen = offer === "chosen";
  return (
    <form method="post" action="/account/notifications/chosen">
      <input type="hidden" name="page" value={base} />
      {isChosen && "You will be notified when it is done. "}
      <button type="submit" name="tell" value={isChosen ? "no" : "yes"} class="plain touch">
        {!isChosen && <Icon name="bell" />}{" "}
        {isChosen ? "Do not notify me" : "Notify me when it is done"}
      </button>
    </form>
  );
}
