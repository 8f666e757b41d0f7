/** Several inputs in the task form, one per line. They become a draft with a one-column table. */
import { beginning } from "../../../lib/base/mod.ts";
import { linesIn } from "../../../components/form/values.ts";
import { readTable } from "../../../lib/batches/mod.ts";
import type { Services } from "../../../lib/services.ts";
import {
  checkForm,
  type FormProblems,
  type TaskFormValues,
} from "../../../lib/tasks/fields/mod.ts";
import { fieldsOf } from "./compose.ts";

/** The column that holds the lines, and the input template. */
const COLUMN = "Input";
const TEMPLATE = `{{${COLUMN}}}`;
/** Characters of the first line that become the batch's name. */
const NAME_CHARS = 60;

/** Adapts a single-task form to several inputs. Progress events of a thousand runs are of no use. */
export function severalValues(values: TaskFormValues): TaskFormValues {
  return { ...values, input_format: "text", enable_events: "" };
}

export type SeveralDraft =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problems: FormProblems };

/** Stores the draft, or reports problems. Sends nothing. */
export async function severalDraft(
  form: FormData,
  values: TaskFormValues,
  account: string,
  { batches, config }: Pick<Services, "batches" | "config">,
): Promise<SeveralDraft> {
  const lines = linesIn(values.input);
  const [first = ""] = lines;
  const longest = lines.reduce((one, other) => one.length >= other.length ? one : other, "");
  const checked = checkForm({ ...values, input: longest, input_format: "text" });
  if (!checked.ok) return { ok: false, problems: checked.problems };
  const rows = lines.map((line) => JSON.stringify({ [COLUMN]: line })).join("\n");
  const read = await readTable(rows, { format: "ndjson", limits: config.batchLimits });
  if (!read.ok) return { ok: false, problems: { input: read.problem.message } };
  const short = first.length <= NAME_CHARS ? first : `${beginning(first, NAME_CHARS)}…`;
  const name = lines.length > 1 ? `${short} and ${lines.length - 1} more` : short;
  const fields = { ...fieldsOf(form), template: TEMPLATE };
  const draft = await batches.saveDraft(account, { name, table: read.table, fields });
  return { ok: true, path: `/batches/new?draft=${encodeURIComponent(draft)}` };
}
