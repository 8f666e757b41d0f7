import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Transfer, type TransferProps } from "../../components/history/Transfer.tsx";
import { define } from "../../lib/state.ts";
import { arriving } from "../../lib/transfer/arrival.ts";
import { importHistory } from "../../lib/transfer/import.ts";
import { uploadedBytes, UploadError } from "../../lib/transfer/upload.ts";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

/** Takes a whole history out and in. A body that is no form is taken for the file itself. */
export const handler = define.handlers({
  GET(ctx) {
    if (ctx.state.account === null) return signInFirst(ctx.url);
    return page<TransferProps>({ report: null, problem: null });
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(new URL("/tasks/transfer", ctx.url));
    const { req } = ctx;
    const contentType = req.headers.get("content-type") ?? "";
    const { runs } = services;
    try {
      if (req.body === null) throw new UploadError("There is no file");
      const sent = arriving(req.body);
      const isForm = contentType.startsWith("multipart/form-data");
      const file = isForm ? uploadedBytes(sent, contentType) : sent;
      const report = await importHistory(ReadableStream.from(file), {
        runs,
        account: account.id,
        holder: {
          apiKey: () => runs.apiKeyOf(account),
          account: () => Promise.resolve(account.id),
          owner: () => Promise.resolve(account),
        },
      });
      const status = report.problem === null ? 200 : 422;
      return page<TransferProps>({ report, problem: null }, { status });
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      const problem = `${error.message}. Choose a file, or paste its text, and import again.`;
      return page<TransferProps>({ report: null, problem }, { status: 400 });
    }
  },
});

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
