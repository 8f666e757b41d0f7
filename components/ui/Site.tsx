/** A site by its initial: icons are never loaded from the sites themselves. */

export function SiteInitial({ host }: { readonly host: string }) {
  const [initial = ""] = host.replace(/^www\./, "");
  return <span class="initial" aria-hidden="true">{initial}</span>;
}
