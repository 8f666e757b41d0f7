import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Transfer, type TransferProps } from "./(_parts)/Transfer.tsx";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";
import { ArrivalError, importHistory, uploadedBytes, UploadError } from "../../lib/transfer/mod.ts";
import { holderOf, retentionMs } from "../../lib/runs/mod.ts";
import { keptNote } from "../(_parts)/KeptNote.tsx";
import { keptFields, signInAgain, signInFirst } from "../(_parts)/session_ended.ts";
import { readUpload, uploadEnded } from "../batches/(_parts)/upload.ts";

/** The most of an import that is read without a session, for its text or the name of its file (bytes). */
const ENDED_BYTES = 1024 * 1024;

/** Exports and imports histories. A body that is not a form is read as the file itself. */
export const handler = define.handlers({
  async GET(ctx) {
    if (ctx.state.account === null) return signInFirst(ctx.url);
    const kept = await keptFields(ctx);
    const note = keptNote(ctx.url, kept);
    return page<TransferProps>({ report: null, problem: null, text: kept?.text ?? "", note });
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    const at = new URL("/tasks/transfer", ctx.url);
    if (account === null) {
      const upload = await readUpload(ctx.req, { bytes: ENDED_BYTES });
      return await uploadEnded(ctx.state, ctx.url, upload, at);
    }
    const { req } = ctx;
    const contentType = req.headers.get("content-type") ?? "";
    const { imports, log, runs, sandbox } = services;
    const refuse = (problem: string, status: number, headers: HeadersInit = {}) =>
      page<TransferProps>({ report: null, problem }, { status, headers });
    using place = imports.queue.enter(ctx.state.client);
    if (place === null) return refuse(BUSY, 429, RETRY_AFTER);
    try {
      if (req.body === null) throw new UploadError("There is no file");
      const isForm = contentType.startsWith("multipart/form-data");
      await using file = await imports.arrivals.receive(
        req.body,
        (sent) => isForm ? uploadedBytes(sent, contentType) : sent,
      );
      if (!await place.turn()) return refuse(BUSY, 429, RETRY_AFTER);
      // The session may have ended during the upload.
      if (!await isStillSignedIn(ctx.state)) return signInAgain(at);
      const report = await importHistory(file.body, {
        runs,
        log,
        room: account.sandbox
          ? { has: sandbox.hasRoom, took: (runId, bytes) => sandbox.stored.add([{ runId, bytes }]) }
          : null,
        account: account.id,
        keptMs: retentionMs(account.sandbox, services.config.retentionDays),
        holder: holderOf(account, () => runs.apiKeyOf(account)),
      });
      const status = report.problem === null ? 200 : 422;
      return page<TransferProps>({ report, problem: null }, { status });
    } catch (error) {
      if (error instanceof ArrivalError) {
        return refuse(`${error.message}. Nothing was imported.`, error.status);
      }
      if (!(error instanceof UploadError)) throw error;
      return refuse(`${error.message}. Choose a file, or paste its text, and import again.`, 400);
    }
  },
});

const BUSY =
  "Other imports are in progress, and the wait would be too long. Nothing was imported; try again in half a minute.";
const RETRY_AFTER = { "retry-after": "30" };

export default define.page<typeof handler>(function TransferPage({ data }) {
  return (
    <>
      <Head>
        <title>Export and import · Taskstream</title>
      </Head>
      <Transfer {...data} />
    </>
  );
});
