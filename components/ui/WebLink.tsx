/** A link to a page from an untrusted source: validated, and without our URL in its referrer. */
import type { ComponentChildren } from "preact";
import { REL, webUrl } from "../../lib/results/mod.ts";

export function WebLink(props: { href: string; class?: string; children?: ComponentChildren }) {
  const url = webUrl(props.href);
  const text = props.children ?? props.href;
  if (url === null) return <span class={props.class}>{text}</span>;
  return <a href={url.href} rel={REL} class={props.class}>{text}</a>;
}

/** A site by its initial: icons are never loaded from the sites themselves. */
export function SiteInitial({ host }: { readonly host: string }) {
  const [initial = ""] = host.replace(/^www\./, "");
  return <span class="initial" aria-hidden="true">{initial}</span>;
}
