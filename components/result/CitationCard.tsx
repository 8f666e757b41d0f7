/** The popover that shows a citation in place. static/cite.js fills it from the list of sources. */
import { REL } from "../../lib/results/mod.ts";
import { Icon } from "../ui/Icon.tsx";

export function CitationCard() {
  return (
    <div
      id="citation"
      class="popover citation"
      popover="auto"
      role="dialog"
      aria-label="Source"
      tabIndex={-1}
    >
      <p class="citation-site">
        <span class="site cut" data-part="site"></span>
        <span data-part="place"></span>
      </p>
      <p class="citation-title" data-part="title"></p>
      <div class="citation-quotes" data-part="quotes"></div>
      <button type="button" class="plain touch" data-part="more">more</button>
      <p class="citation-ways">
        <a rel={REL} href="#sources" data-part="page">
          Open page <Icon name="external-link" small />
        </a>
        <button type="button" class="button ghost" data-part="next">
          <span data-part="next-words"></span> <Icon name="arrow-right" small />
        </button>
      </p>
    </div>
  );
}
