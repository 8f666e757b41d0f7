/** The form that uploads or pastes a table. Works without JavaScript. */
import { count } from "../../../lib/base/mod.ts";
import { described, FieldError, FIRST_LINE } from "../../../components/form/Field.tsx";
import { type BatchLimits, mebibytes, TABLE_FORMATS } from "../../../lib/batches/model/mod.ts";

/** The form as submitted. */
export interface UploadValues {
  readonly text: string;
  readonly format: string;
  readonly header: string;
  readonly sheet: string;
}

export const NO_UPLOAD: UploadValues = { text: "", format: "", header: "", sheet: "" };

/** A table to try it with: two columns are known, two are to be found. */
export const EXAMPLE_TABLE = `Company,Website,Founded,Employees
Adyen,adyen.com,,
Klarna,klarna.com,,
Mollie,mollie.com,,
Stripe,stripe.com,,
Wise,wise.com,,
`;

export function TableUpload(
  { limits, upload, fields = {}, problem, action = "/batches/preview", isFirst = false }: {
    readonly limits: BatchLimits;
    readonly upload: UploadValues;
    /** Fields that go with the table. */
    readonly fields?: Readonly<Record<string, string>>;
    readonly problem?: string | undefined;
    readonly action?: string;
    /** There is no table yet, so an example is offered. */
    readonly isFirst?: boolean;
  },
) {
  return (
    <form method="post" action={action} encType="multipart/form-data" class="stack">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div class="max-w-[70ch]">
        <label for="table-file">Upload a file</label>
        <p id="table-file-hint" class="text-sm text-soft">
          CSV, TSV, JSON, NDJSON or XLSX, up to {mebibytes(limits.bytes)} and {count(limits.rows)}
          {" "}
          rows.
        </p>
        <input
          id="table-file"
          type="file"
          name="table"
          class="mt-1"
          accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl,.xlsx"
          aria-describedby="table-file-hint"
        />
      </div>
      <div>
        <label for="table">Or paste a table</label>
        <p id="table-hint" class="text-sm text-soft">
          Copy cells from a spreadsheet, or write one row per line. For each fact that you want to
          find out, add a column with a heading and leave its cells empty.{isFirst && (
            <>
              {" "}
              <a href="/batches/new?example=1">Use an example</a>
            </>
          )}
        </p>
        <textarea
          id="table"
          name="table"
          rows={10}
          class="mt-1 font-mono text-sm"
          spellcheck={false}
          placeholder={EXAMPLE_TABLE.split("\n", 2).join("\n")}
          {...described("table", problem, true)}
        >
          {FIRST_LINE + upload.text}
        </textarea>
        <FieldError name="table" problem={problem} />
      </div>
      <details
        class="fold"
        open={upload.format !== "" || upload.header !== "" || upload.sheet !== ""}
      >
        <summary>Format, headings and sheet</summary>
        <div class="side mb-4">
          <div>
            <label for="format">Format</label>
            <select id="format" name="format">
              <option value="">detect</option>
              {TABLE_FORMATS.map((format) => (
                <option key={format} value={format} selected={format === upload.format}>
                  {format.toUpperCase()}
                </option>
              ))}
            </select>
          </div>
          <div>
            <label for="header">First row</label>
            <select id="header" name="header">
              <option value="">detect</option>
              <option value="yes" selected={upload.header === "yes"}>has headings</option>
              <option value="no" selected={upload.header === "no"}>is data</option>
            </select>
          </div>
          <div>
            <label for="sheet">Sheet of a workbook</label>
            <input
              id="sheet"
              name="sheet"
              value={upload.sheet}
              placeholder="first sheet with values"
              autocomplete="off"
            />
          </div>
        </div>
      </details>
      <p>
        <button type="submit" class="button go">Read the table</button>
      </p>
    </form>
  );
}
