/** The pages a run has named as read so far: hosts in a line, the addresses behind them. */
import { count } from "./format.ts";
import { hostOf } from "./link.ts";
import { WebLink } from "./WebLink.tsx";

/** A line of hosts, not a wall. */
const SHOWN = 12;

export function SampledSources({ urls }: { urls: readonly string[] }) {
  if (urls.length === 0) return null;
  const recent = urls.slice(-SHOWN);
  return (
    <ul class="hosts" aria-label="Some of the pages read">
      {recent.map((url) => (
        <li key={url}>
          <WebLink href={url} class="url">{hostOf(url)}</WebLink>
        </li>
      ))}
      {urls.length > SHOWN && <li class="text-muted text-sm">{count(urls.length)} named in all</li>}
    </ul>
  );
}
