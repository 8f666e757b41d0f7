import { page } from "fresh";
import { formOf } from "../../lib/form_body.ts";
import { define } from "../../lib/state.ts";
import { keptNote } from "../(_parts)/KeptNote.tsx";
import { keptFields, signInFirst } from "../(_parts)/session_ended.ts";
import { draftView, newBatchPage } from "./(_parts)/new_batch.ts";
import { fieldsBesideTable, NO_DRAFT } from "./(_parts)/posted_draft.ts";
import { NewBatchPage } from "./(_parts)/NewBatchPage.tsx";
import { uploadValues } from "./(_parts)/upload.ts";
import { EXAMPLE_TABLE, NO_UPLOAD } from "./(_parts)/TableUpload.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const id = ctx.url.searchParams.get("draft");
    const kept = await keptFields(ctx);
    const back = keptNote(ctx.url, kept);
    if (id === null) {
      const text = ctx.url.searchParams.has("example") ? EXAMPLE_TABLE : "";
      const upload = kept === null ? { ...NO_UPLOAD, text } : uploadValues(formOf(kept));
      return page(await newBatchPage(account, services, { upload, note: back }));
    }
    const draft = await services.batches.draft(account.id, id);
    if (draft === null) {
      const problems = { table: NO_DRAFT };
      const fields = kept === null ? {} : fieldsBesideTable(formOf(kept));
      return page(await newBatchPage(account, services, { problems, fields }), { status: 404 });
    }
    const view = await draftView(draft, formOf(kept ?? draft.fields));
    const note = draft.batch_id === null
      ? back
      : "This table was already sent. To send it again, upload it again below.";
    return page(await newBatchPage(account, services, { draft: view, note }));
  },
});

export default define.page<typeof handler>(function NewBatch({ data }) {
  return <NewBatchPage {...data} />;
});
