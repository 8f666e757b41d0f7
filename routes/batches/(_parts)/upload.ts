/** Reads a posted form with a table: larger than other forms, but also bounded. */
import { mebibytes, TABLE_FORMATS } from "../../../lib/batches/model/mod.ts";
import type { BatchLimits, TableFormat } from "../../../lib/batches/model/mod.ts";
import { formData, FormError, readBody } from "../../../lib/base/mod.ts";
import { MAX_FIELDS } from "../../../lib/form_body.ts";
import type { State } from "../../../lib/state.ts";
import {
  chosenFile,
  fileField,
  sessionEnded,
  signInAgain,
  textFields,
} from "../../(_parts)/session_ended.ts";
import type { UploadValues } from "./TableUpload.tsx";

/** Size limit of the form's other fields (bytes). */
const FIELDS_BYTES = 1024 * 1024;
/** 20 MiB at 1 Mbit/s. */
const UPLOAD_MS = 180_000;
/** Read larger uploads to the end up to this size (bytes): browsers show no response before that. */
const DISCARDED_BYTES = 100 * 1024 * 1024;

/** The form, or why it could not be read. */
export type Upload =
  | { readonly ok: true; readonly form: FormData }
  | {
    readonly ok: false;
    readonly status: 400 | 408 | 413;
    readonly message: string;
    /** The name of the first file, if the form was read that far. */
    readonly fileName: string | null;
  };

/** Reads a form with a table of at most `bytes`. An unreadable form is a result, not an exception. */
export async function readUpload(
  request: Request,
  { bytes: tableBytes }: Pick<BatchLimits, "bytes">,
): Promise<Upload> {
  if (request.body === null) return { ok: true, form: new FormData() };
  const { headers } = request;
  const maxBytes = tableBytes + FIELDS_BYTES;
  const declared = Number(headers.get("content-length") ?? 0);
  let beginning = "";
  const sent = request.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        const room = BEGINNING_BYTES - beginning.length;
        if (room > 0) beginning += new TextDecoder().decode(chunk.subarray(0, room));
        controller.enqueue(chunk);
      },
    }),
  );
  if (declared > maxBytes) {
    if (declared <= DISCARDED_BYTES) await discard(sent);
    return refused(413, tableBytes, fileNameIn(beginning));
  }
  const body = await readBody({ headers, body: sent }, { maxBytes, maxMs: UPLOAD_MS });
  if (!body.ok) return refused(body.status, tableBytes, fileNameIn(beginning));
  const type = headers.get("content-type") ?? "";
  try {
    return { ok: true, form: await formData(body.bytes, type, MAX_FIELDS) };
  } catch (error) {
    const hasTooMany = error instanceof FormError && error.hasTooMany;
    return hasTooMany ? TOO_MANY_FIELDS : refused(400, tableBytes);
  }
}

/** Enough for the headers of a form's file (bytes). */
const BEGINNING_BYTES = 16 * 1024;

/** The name of the first file of a multipart form. */
function fileNameIn(beginning: string): string | null {
  return /^content-disposition:[^\r\n]*; filename="([^"\r\n]+)"/im.exec(beginning)?.[1] ?? null;
}

const TOO_MANY_FIELDS: Upload = {
  ok: false,
  status: 413,
  fileName: null,
  message: "The form has more fields than any page sends. Send the table as one file.",
};

/** The page of a new batch, with the table of the form if the server keeps it. */
function newBatchAt(url: URL, upload: Upload): URL {
  const draft = upload.ok ? upload.form.get("draft") : null;
  const query = typeof draft === "string" && draft !== ""
    ? `?draft=${encodeURIComponent(draft.slice(0, 100))}`
    : "";
  return new URL(`/batches/new${query}`, url);
}

/**
 * For a form with a table that was sent after its session ended: saves what was typed, and asks the user to sign
 * in. Only the name of a chosen file is saved: nothing that visitors send may take so much room.
 */
export async function uploadEnded(
  state: State,
  url: URL,
  upload: Upload,
  at = newBatchAt(url, upload),
): Promise<Response> {
  if (!upload.ok) {
    const { fileName } = upload;
    if (fileName === null) return signInAgain(at);
    return await sessionEnded(state, fileField(fileName), at.pathname + at.search);
  }
  const fields = textFields(upload.form);
  const isFilled = upload.form.has("draft") || chosenFile(fields) !== null ||
    (fields.table ?? fields.text ?? "").trim() !== "";
  return isFilled ? await sessionEnded(state, fields, at.pathname + at.search) : signInAgain(at);
}

function refused(
  status: 400 | 408 | 413,
  tableBytes: number,
  fileName: string | null = null,
): Upload {
  const messages = {
    400: "The upload was interrupted. Choose the file and send it again.",
    408: "The upload took too long. Send a smaller file, or try a faster connection.",
    413: `The table is larger than ${mebibytes(tableBytes)}. ` +
      "Split it, or leave out columns that the task does not need.",
  };
  return { ok: false, status, message: messages[status], fileName };
}

/** Reads and discards a body. Never rejects. */
async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), UPLOAD_MS);
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.byteLength;
      if (size > DISCARDED_BYTES) return await reader.cancel();
    }
  } catch {
    // The client disconnected.
  } finally {
    clearTimeout(timer);
  }
}

/** A posted table and its reading options. */
export interface PostedTable {
  readonly source: Uint8Array<ArrayBuffer> | string;
  readonly fileName: string;
  readonly format: TableFormat | null;
  readonly sheet: string | null;
  readonly header: boolean | null;
}

/** Finds the table in a form: the chosen file, otherwise the pasted text; `null` if there is neither. */
export async function postedTable(form: FormData): Promise<PostedTable | null> {
  const given = form.getAll("table");
  const file = given.find((value): value is File => value instanceof File && value.size > 0);
  const text = given.find((value): value is string =>
    typeof value === "string" && value.trim() !== ""
  );
  if (file === undefined && text === undefined) return null;
  const format = form.get("format");
  const sheet = form.get("sheet");
  const header = form.get("header");
  return {
    source: file === undefined ? text! : new Uint8Array(await file.arrayBuffer()),
    fileName: file?.name ?? "",
    format: TABLE_FORMATS.find((known) => known === format) ?? null,
    sheet: typeof sheet === "string" && sheet.trim() !== "" ? sheet.trim() : null,
    header: header === "yes" ? true : header === "no" ? false : null,
  };
}

/** Characters of a pasted table that the page redisplays. */
const SHOWN_AGAIN_CHARS = 4 * 1024 * 1024;

/** The submitted form, for redisplay. A page cannot preselect a file. */
export function uploadValues(form: FormData): UploadValues {
  const read = (name: string) => {
    const value = form.getAll(name).find((each) => typeof each === "string" && each !== "");
    return typeof value === "string" ? value : "";
  };
  // Browsers read `\r\n` as one line end. Replacing millions of them would take 200 MB.
  const text = read("table");
  return {
    text: text.length <= SHOWN_AGAIN_CHARS ? text : "",
    format: read("format"),
    header: read("header"),
    sheet: read("sheet"),
  };
}
