/** Downloads of the filtered rows. */
import type { Context } from "fresh";
import type { BatchDownload, BatchPage, BatchService } from "../../../../lib/batches/mod.ts";
import { readRowQuery } from "../../../../lib/batches/model/mod.ts";
import { attachment, utcDay } from "../../../../lib/base/mod.ts";
import type { Spool } from "../../../../lib/limits/mod.ts";
import type { State } from "../../../../lib/state.ts";
import { matchingNumbers } from "./batch_view.ts";
import { ownBatch } from "./own_batch.ts";

/** Content types by extension: RFC 4180, ECMA-376, RFC 6713, and the usual one for NDJSON. */
const TYPES = {
  csv: "text/csv; charset=utf-8; header=present",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ndjson: "application/x-ndjson; charset=utf-8",
  zip: "application/zip",
} as const;

type Make = (
  batches: BatchService,
  ...args: [account: string, page: BatchPage, download: BatchDownload]
) => AsyncIterable<string | Uint8Array<ArrayBuffer>>;

/** A handler that streams a download. */
export function downloads(extension: keyof typeof TYPES, make: Make) {
  return async (ctx: Context<State>): Promise<Response> => {
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    const search = ctx.url.searchParams;
    const has = (name: string) => search.get(name) === "1";
    const rows = await matchingNumbers(batch, readRowQuery(search));
    const { account, client, services } = ctx.state;
    const pieces = make(services.batches, account!.id, batch, {
      rows,
      sources: has("sources"),
      bom: has("bom"),
    });
    const { created_ms, simulated } = batch.batch;
    const stem = [
      utcDay(created_ms),
      simulated && "simulated",
      batch.view.name,
      has("bom") && "for Excel",
      has("sources") && "with sources",
    ].filter(Boolean);
    const download = services.views.download(client);
    return new Response(download.stream(whenTaken(download, streamOf(pieces))), {
      headers: {
        "content-type": TYPES[extension],
        "content-disposition": attachment(stem.join(" "), extension),
      },
    });
  };
}

/** Reads the next rows once the reader of the download has the ones before. */
async function* whenTaken<Piece>(
  download: Pick<Spool, "taken">,
  pieces: AsyncIterable<Piece>,
): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    yield piece;
    await download.taken();
  }
}

function streamOf(
  pieces: AsyncIterable<string | Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return ReadableStream.from<string | Uint8Array<ArrayBuffer>>(pieces).pipeThrough(
    new TransformStream<string | Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (piece, controller) =>
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece),
    }),
  );
}
