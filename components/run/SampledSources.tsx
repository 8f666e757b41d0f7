/** The pages that a run has reported as read so far: hosts on one line, with their URLs behind them. */
import { count } from "../../lib/base/mod.ts";
import { hostOf } from "../../lib/results/mod.ts";
import { WebLink } from "../ui/WebLink.tsx";

/** The newest `show` hosts: one line, not a wall. */
export function SampledSources({ urls, show }: { urls: readonly string[]; show: number }) {
  if (urls.length === 0) return null;
  // Several pages of one host would look like a mistake.
  const hosts = [...new Map(urls.map((url) => [hostOf(url), url]))];
  return (
    <ul class="hosts" aria-label="Some of the pages read">
      {hosts.slice(-show).map(([host, url]) => (
        <li key={host}>
          <WebLink href={url} class="url">{host}</WebLink>
        </li>
      ))}
      {hosts.length > show && <li class="text-muted text-sm">{count(urls.length)} named in all</li>}
    </ul>
  );
}
