/** Metadata of what is shared for link previews, and for search engines, which must not index it. */
import { Head } from "fresh/runtime";
import { summaryOf } from "../../../../lib/results/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import { progressOf } from "../../../../lib/batches/model/mod.ts";
import { count, percent } from "../../../../lib/base/mod.ts";
import { wordOf } from "../../../../components/table/BatchHead.tsx";
import { statusWord } from "../../../../components/ui/Status.tsx";

/** `url` is the page's absolute URL. */
export function SharedHead({ page, url }: { page: RunPage; url: string }) {
  const { title, view, ended } = page;
  return (
    <SharedTags
      // A live page puts how far the run is before the colon.
      tab={`${ended ? "" : `${statusWord(view.status)}: `}${title}`}
      title={title}
      description={descriptionOf(page)}
      url={url}
    />
  );
}

/** `url` is the page's absolute URL. */
export function SharedBatchHead({ page, url }: { page: BatchPage; url: string }) {
  const { batch, view } = page;
  const { rows } = view, { ended } = progressOf(view, 0);
  const fields = view.outputs.map(({ name }) => name).join(", ");
  const description = `${batch.simulated ? "Simulated. " : ""}A table of ${count(rows)} rows` +
    `${fields === "" ? "" : ` with ${fields}`}: ${count(ended)} are answered.`;
  return (
    <SharedTags
      tab={`${wordOf(view)}: ${view.name}`}
      title={view.name}
      description={description}
      url={url}
    />
  );
}

function SharedTags(
  { tab, title, description, url }: {
    readonly tab: string;
    readonly title: string;
    readonly description: string;
    readonly url: string;
  },
) {
  return (
    <Head>
      <title>{`${tab} · Taskstream`}</title>
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
