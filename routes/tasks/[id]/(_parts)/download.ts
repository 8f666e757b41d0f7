/** An export as a file with a name that says what it is. */
import { attachment } from "../../../../lib/content_disposition.ts";
import { utcDay } from "../../../../lib/base/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";

/** Content types by extension: RFC 7763, RFC 4180, and what is usual for lines of JSON. */
const TYPES = {
  md: "text/markdown; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson; charset=utf-8",
} as const;

/** A download of a run; its name begins with the day, for folders sort by name. */
export function download(
  { run, title }: RunPage,
  extension: keyof typeof TYPES,
  body: BodyInit,
): Response {
  const stem = [utcDay(run.created_ms), run.simulated && "simulated", title].filter(Boolean).join(
    " ",
  );
  return new Response(body, {
    headers: {
      "content-type": TYPES[extension],
      "content-disposition": attachment(stem, extension),
    },
  });
}
