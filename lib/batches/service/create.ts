/**
 * Creates a batch: first the group, which is free, then the stored batch under the group's ID. Rows are sent
 * only after that.
 */
import type { Keyring } from "../../accounts/mod.ts";
import { beginning, isObject } from "../../base/mod.ts";
import { type ApiFailure, mayHaveCreated, priceOf, type TaskClient } from "../../parallel/mod.ts";
import { type RunOwner, splitSecrets } from "../../runs/mod.ts";
import type { Committer, Write } from "../../store/mod.ts";
import {
  applyBatchEvent,
  type BatchEvent,
  type OutputColumn,
  outputColumns,
} from "../model/mod.ts";
import {
  type AddedRows,
  type BatchContent,
  type BatchHead,
  type BatchRecord,
  encodeBatchEvent,
  firstView,
  keys,
  lineOf,
  writeValue,
} from "./store.ts";
import { openTask, type SetTask } from "./set_task.ts";
import type { FoundBatch } from "./reader.ts";
import { readTable } from "./table.ts";
import {
  type BatchTask,
  type CreateBatchOutcome,
  type NewBatch,
  RESERVED_METADATA,
} from "./types.ts";

/** Dependencies of creating a batch. */
export interface CreateBatchContext {
  readonly committer: Committer;
  readonly keyring: Pick<Keyring, "seal">;
  readonly now: () => number;
  readonly openKey: (sealed: string) => Promise<string>;
  /** Called with the ID of a stored batch. */
  readonly onStored: (id: string) => void;
  readonly clientFor: (
    apiKey: string,
  ) => { readonly client: TaskClient; readonly simulated: boolean };
}

/** How many lost responses to a group's creation to accept before giving up. */
const TRIES = 3;
/** How many failed commits to accept before giving up. */
const STORE_TRIES = 5;

/** A batch to store, with the parts of its table that are kept. */
export interface BatchToStore extends Omit<NewBatch, "table"> {
  readonly table: Pick<NewBatch["table"], "columns" | "rows">;
  /** Called once the group exists, right before the batch is stored. Nothing can be billed before that. */
  readonly sending?: () => Promise<boolean>;
}

/** Stores a batch under the ID of a new group. Sends no rows. */
export async function createBatch(
  context: CreateBatchContext,
  owner: RunOwner,
  batch: BatchToStore,
): Promise<CreateBatchOutcome> {
  const wrong = problemOf(batch);
  if (wrong !== null) return { ok: false, failure: wrong };
  const { client, simulated } = context.clientFor(await context.openKey(owner.sealedKey));
  const { sandbox } = batch.task.metadata ?? {};
  // The sandbox reads the failures to simulate from the group.
  const metadata = simulated && typeof sandbox === "string" ? { sandbox } : undefined;
  for (let tries = 1;; tries++) {
    const group = await client.groups.create(metadata === undefined ? {} : { metadata });
    if (group.ok) {
      const { taskgroup_id: id } = group.value;
      if (batch.sending !== undefined && !await batch.sending()) {
        return { ok: false, failure: CALLED_OFF };
      }
      const { table: { columns, rows }, plan, task, trial: allowance, name } = batch;
      await storeBatch(context, owner, {
        id,
        name,
        simulated,
        columns,
        rows,
        plan,
        task,
        allowance,
      });
      context.onStored(id);
      return { ok: true, batchId: id };
    }
    // If the response is lost, the group stays behind. It is empty and never billed.
    if (!mayHaveCreated(group.failure) || tries === TRIES) {
      return { ok: false, failure: group.failure };
    }
  }
}

/** Options of a repeated batch. */
export interface RepeatOptions {
  readonly name: string;
  /** Resolve to `false` to cancel the batch. */
  readonly sending: () => Promise<boolean>;
}

/** Creates a batch with the rows and the task of another one. */
export async function repeatBatch(
  context: CreateBatchContext & { readonly kv: Deno.Kv },
  owner: RunOwner,
  { id, record, head }: FoundBatch & { readonly id: string },
  { name, sending }: RepeatOptions,
): Promise<CreateBatchOutcome> {
  const { kv, openKey } = context;
  const { columns, rows, plan, ...own } = await readTable(kv, id, record, head);
  return await createBatch(context, owner, {
    name,
    table: { columns, rows },
    plan,
    task: await openTask(own, openKey),
    trial: null,
    sending,
  });
}

const CALLED_OFF: ApiFailure = {
  kind: "limited",
  status: null,
  refId: null,
  message: "This batch was cancelled before it was sent.",
  detail: null,
};

function problemOf({ table, task }: BatchToStore): ApiFailure | null {
  const reserved = RESERVED_METADATA.filter((name) => Object.hasOwn(task.metadata ?? {}, name));
  const message = reserved.length > 0
    ? `The metadata of a batch cannot have “${
      reserved.join("” and “")
    }”, because each run sets its own. Choose another name.`
    : table.rows.length === 0
    ? "The table has no rows to send."
    : null;
  return message === null
    ? null
    : { kind: "refused", status: 422, refId: null, message, detail: null };
}

/** What to store under a group's ID. */
interface StoredBatch extends Pick<BatchContent, "columns" | "rows" | "plan"> {
  readonly id: string;
  readonly name: string;
  readonly simulated: boolean;
  readonly task: BatchTask;
  readonly allowance: number | null;
  /** For a group that was created elsewhere: when (Unix ms). */
  readonly adopted_ms?: number;
}

/** Stores a batch. `false`: another request has stored one under this ID. */
export async function storeBatch(
  { committer, keyring, now }: Pick<CreateBatchContext, "committer" | "keyring" | "now">,
  owner: RunOwner,
  { id, name, simulated, columns: inputs, rows, plan, task, allowance, adopted_ms }: StoredBatch,
): Promise<boolean> {
  const content: BatchContent = {
    // In front of the rows, where a reader finds the task soon.
    ...await setTask(keyring, task),
    columns: inputs,
    rows,
    plan,
  };
  const isAdopted = adopted_ms !== undefined;
  // Another process may be adopting the same group.
  const version = isAdopted ? crypto.randomUUID() : undefined;
  const record: BatchRecord = {
    account: owner.id,
    name: beginning(name, 200),
    created_ms: adopted_ms ?? now(),
    processor: task.processor,
    price_usd: priceOf(task.processor),
    simulated,
    rows: rows.length,
    content: await writeValue(committer, keys.content(id, version), content),
    ...version !== undefined && { content_version: version, adopted: true },
  };
  const columns = askedColumns(task);
  const events: BatchEvent[] = columns.length === 0
    ? []
    : [{ id: 1, at_ms: now(), type: "columns", data: { columns } }];
  const head: BatchHead = {
    last_id: events.length,
    fence: 0,
    lease_owner: "",
    lease_until: 0,
    chunk: null,
    allowance,
    added: [],
    ...isAdopted && { taking: { cursor: null, listed: 0, due: true } },
    sealed_key: owner.sealedKey,
    client: owner.client ?? null,
    deleted_ms: null,
    share: null,
  };
  const line = lineOf(id, record, events.reduce(applyBatchEvent, firstView(record)));
  const write: Write = {
    checks: [{ key: keys.record(id), versionstamp: null }],
    mutations: [
      { type: "set", key: keys.record(id), value: record },
      { type: "set", key: keys.head(id), value: head },
      { type: "set", key: keys.line(owner.id, record.created_ms, id), value: line },
      { type: "set", key: keys.active(id), value: null },
      ...events.map((event) => ({
        type: "set" as const,
        key: keys.event(id, event.id),
        value: encodeBatchEvent(event),
      })),
    ],
  };
  // A commit that failed may still have been applied. Retry until the store confirms it: the check fails once
  // the batch exists. Otherwise a second batch could be created and both would be sent.
  for (let tries = 1;; tries++) {
    try {
      return (await committer.commit(write)).ok;
    } catch (error) {
      if (tries === STORE_TRIES) throw error;
    }
  }
}

/** Prepares a task for the store: header values of MCP servers are masked here and sealed separately. */
async function setTask(
  keyring: Pick<Keyring, "seal">,
  task: BatchTask,
): Promise<SetTask> {
  const { shown, secrets } = splitSecrets({ ...task, input: "" });
  const { input: _, ...masked } = shown;
  const sealed_task = secrets === null ? null : await keyring.seal(JSON.stringify(task));
  return { task: masked, sealed_task };
}

/** Stores the task of a column set. */
export async function storeTask(
  { committer, keyring }: Pick<CreateBatchContext, "committer" | "keyring">,
  id: string,
  task: BatchTask,
  version: string = crypto.randomUUID(),
): Promise<AddedRows> {
  const value = await setTask(keyring, task);
  return { version, parts: await writeValue(committer, keys.added(id, version), value) };
}

/** The columns that the task's schema defines; empty if they depend on the results. */
export function askedColumns({ task_spec }: BatchTask): OutputColumn[] {
  const schema = task_spec?.output_schema;
  if (schema === undefined || schema === null) return [];
  if (typeof schema === "string" || schema.type === "text") return outputColumns(null);
  return schema.type === "json" && isObject(schema.json_schema)
    ? outputColumns(schema.json_schema)
    : [];
}
