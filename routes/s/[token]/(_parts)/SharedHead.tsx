/** A shared run's metadata for link previews, and for search engines, which must not index it. */
import { Head } from "fresh/runtime";
import { summaryOf } from "../../../../lib/results/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";
import { percent } from "../../../../lib/base/mod.ts";
import { statusWord } from "../../../../components/ui/Status.tsx";

/** `url` is the page's absolute URL. */
export function SharedHead({ page, url }: { page: RunPage; url: string }) {
  const { title, view, ended } = page;
  const description = descriptionOf(page);
  return (
    <Head>
      {/* A live page puts how far the run is before the colon. */}
      <title>{`${ended ? "" : `${statusWord(view.status)}: `}${title} · Taskstream`}</title>
      <meta name="robots" content="noindex, nofollow" />
      <meta name="description" content={description} />
      <meta property="og:type" content="article" />
      <meta property="og:site_name" content="Taskstream" />
      <meta property="og:title" content={title} />
      <meta property="og:description" content={description} />
      <meta property="og:url" content={url} />
      <meta name="twitter:card" content="summary" />
    </Head>
  );
}

/** The result in a sentence, or the run's progress. */
export function descriptionOf({ run, view, output, ended }: RunPage): string {
  const mark = run.simulated ? "Simulated. " : "";
  if (output !== null) return mark + summaryOf(output);
  const how = ended || view.progress === null ? "" : `, ${percent(view.progress)}`;
  return `${mark}A research task of Parallel’s Task API: ${statusWord(view.status)}${how}.`;
}
