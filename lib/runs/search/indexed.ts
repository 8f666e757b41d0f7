/** Reads what the search index keeps of a run. */
import { inTurns } from "../../base/mod.ts";
import { readingOutputText, type TaskRunInput } from "../../parallel/mod.ts";
import { briefOf, fieldNames, requestedSchema } from "../../results/mod.ts";
import { sha256Hex } from "../../store/mod.ts";
import type { RunSummary } from "../model/mod.ts";
import { findRecord, readHead, readOutput, readRecord } from "../log/mod.ts";
import { historyKey, readMember } from "../history/mod.ts";
import { contentOf, type SearchText, searchText } from "./text.ts";

/** Runs whose input and result together are larger are indexed one at a time (bytes). */
const LARGE_BYTES = 256 * 1024;

/** The indexed data of a run. */
export interface Indexed {
  readonly text: SearchText;
  /** Its line in the history, as read and with the answer from the result. */
  readonly line: Deno.KvEntry<RunSummary>;
  readonly next: RunSummary;
}

/** Returns whether a run is large: one large run is indexed at a time, beside small ones. */
export async function isLarge(kv: Deno.Kv, runId: string): Promise<boolean> {
  const [found, record] = await Promise.all([readHead(kv, runId), findRecord(kv, runId)]);
  return (found?.head.output?.bytes ?? 0) + (record?.inputBytes ?? 0) > LARGE_BYTES;
}

/** Reads the indexed data of a run. Returns `null` if the account does not have the run. */
export async function readIndexed(
  kv: Deno.Kv,
  { account, runId, createdMs }: {
    readonly account: string;
    readonly runId: string;
    readonly createdMs: number;
  },
): Promise<Indexed | null> {
  const line = await kv.get<RunSummary>(historyKey(account, createdMs, runId));
  if (line.value === null) return null;
  const [record, found, member] = await Promise.all([
    readRecord(kv, runId),
    readHead(kv, runId),
    readMember(kv, account, runId),
  ]);
  if (record === null) return null;
  const { input } = record.input;
  const metadata = ownMetadata(record.input.metadata, line.value);
  const ref = found?.head.output ?? null;
  const stored = ref === null ? null : await readOutput(kv, runId, ref);
  const output = stored === null ? null : await inTurns(readingOutputText(stored));
  const result = output?.content ?? (stored === null ? null : contentOf(stored));
  // The listed title must find the run: an imported run's title may differ from its input.
  const title = member?.title ?? null;
  const text = searchText({ input: title === null ? input : [title, input], metadata, result });
  if (line.value.status !== "completed") return { text, line, next: line.value };
  const schema = await schemaKeyOf(record.input);
  const next = {
    ...line.value,
    ...output !== null && { answer: briefOf(record.input, output) },
    ...schema !== null && { schema },
  };
  const isSame = JSON.stringify(next) === JSON.stringify(line.value);
  return { text, line, next: isSame ? line.value : next };
}

/** Returns a name for the fields that a request asks for; `null` if it has no schema. */
async function schemaKeyOf(input: TaskRunInput): Promise<string | null> {
  const root = requestedSchema(input);
  const names = root === null ? [] : fieldNames({ root, node: root });
  return names.length === 0
    ? null
    : (await sha256Hex(JSON.stringify(names.toSorted()))).slice(0, 16);
}

/** The metadata of a request without what we add to a batch's rows: every row would have these words. */
function ownMetadata(
  metadata: TaskRunInput["metadata"],
  { batch }: RunSummary,
): TaskRunInput["metadata"] {
  if (batch === undefined || typeof metadata !== "object" || metadata === null) return metadata;
  const { row: _row, attempt: _attempt, ...own } = metadata;
  return own;
}
