/**
 * Adds the runs of an adopted group as rows. Only the process that holds the batch does this, so each run becomes one
 * row, however many processes adopt or restart. Only reads from the API.
 */
import { type ApiFailure, type GroupEvent, GroupStreamError } from "../../parallel/mod.ts";
import { growingWaitMs } from "../../runs/mod.ts";
import type { Committer } from "../../store/mod.ts";
import { type BatchView, TRIAL_DONE } from "../model/mod.ts";
import type { BatchLog } from "./log.ts";
import { isOwnSend, pauseBatch, placeOf, type SenderContext } from "./look_up.ts";
import { replacePayer } from "./payer.ts";
import { askedColumns, type CreateBatchContext, storeTask } from "./create.ts";
import type { Adoption } from "./store.ts";
import type { SentRun } from "./stored_orders.ts";
import { type HeldTable, storeAdded } from "./table.ts";
import { type AdoptedEvent, fitting, type PlacedRuns, placedRuns, taskOf } from "./adopted_rows.ts";

/** A run that is stored as a run of a row. */
export interface RunToKeep extends AdoptedEvent {
  readonly groupId: string;
  readonly row: number;
  readonly simulated: boolean;
}

/** Dependencies of adding runs. */
export interface AdopterContext
  extends
    Pick<SenderContext, "clientFor" | "now" | "openKey" | "sparesOf">,
    Pick<CreateBatchContext, "keyring"> {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  /** Stores a run of the account as this row. `false` if the account deleted it. Safe to repeat. */
  readonly keepRun: (
    owner: { readonly id: string; readonly sealedKey: string },
    run: RunToKeep,
  ) => Promise<boolean>;
  /** Records these stored runs of the group from its streams. */
  readonly feed: (groupId: string, runIds: readonly string[]) => void;
  /** The size of a batch. */
  readonly limits: { readonly rows: number; readonly bytes: number };
}

/** Runs per commit, and their size (characters). */
const [READ_AT_ONCE, READ_CHARS] = [100, 2_000_000];
/** How often to count the runs of an active group (ms). */
const COUNT_EVERY_MS = 10_000;
/** How many times in a row the API may fail, or list fewer runs than it counts, before the batch pauses. */
const TRIES = 5;
const RESUMED = { type: "state", data: { state: "running", reason: null } } as const;

/** Adds the runs of one group. */
export class Adopter {
  readonly #context: AdopterContext;
  readonly #log: BatchLog;
  readonly #table: HeldTable;
  readonly #onTaken: (run: SentRun) => void;
  /** The open list. */
  #runs: AsyncGenerator<GroupEvent> | null = null;
  /** How many runs the group had before its list was opened. */
  #total = 0;
  #countedMs: number;
  #waitMs = 0;
  #failures = 0;
  readonly #refusedKeys = new Set<string>();
  #short = 0;
  /** Runs that are stored but not recorded yet. */
  #unfed: string[] = [];

  constructor(
    context: AdopterContext,
    log: BatchLog,
    table: HeldTable,
    /** Called with the run of each row that was added. */
    onTaken: (run: SentRun) => void,
  ) {
    this.#context = context;
    this.#log = log;
    this.#table = table;
    this.#onTaken = onTaken;
    this.#countedMs = context.now();
  }

  /** Whether the group may have runs that are not rows yet. */
  get isDue(): boolean {
    return this.#log.head.taking?.due === true;
  }

  /** Adds the next runs. Returns whether to go on without waiting. Rejects if the store fails. */
  async step(signal: AbortSignal): Promise<boolean> {
    const { head: { taking }, view } = this.#log;
    const now = this.#context.now();
    if (taking === undefined || taking.note !== undefined) return false;
    if (view.state === "paused" && !isResting(view)) return false;
    if (now < this.#waitMs) return false;
    if (!taking.due && now - this.#countedMs < COUNT_EVERY_MS) return false;
    try {
      const isMore = taking.due ? await this.#readMore(taking, signal) : await this.#count(signal);
      this.#failures = 0;
      return isMore;
    } catch (error) {
      if (!(error instanceof GroupStreamError)) throw error;
      await this.close();
      await this.#failed(error.failure);
      return false;
    }
  }

  /** Closes the open list. */
  async close(): Promise<void> {
    const runs = this.#runs;
    this.#runs = null;
    await runs?.return(undefined);
    this.#feed();
  }

  /** Checks whether the group has more runs. */
  async #count(signal: AbortSignal): Promise<boolean> {
    this.#countedMs = this.#context.now();
    const { listed } = this.#log.head.taking!;
    if (await this.#totalOf(signal) <= listed) return false;
    await this.#log.write(({ head }) => ({ head: { taking: { ...head.taking!, due: true } } }));
    return true;
  }

  async #totalOf(signal: AbortSignal): Promise<number> {
    const { client } = await this.#api();
    const group = await client.groups.retrieve(this.#log.id, { signal });
    signal.throwIfAborted();
    if (!group.ok) throw new GroupStreamError(group.failure);
    return group.value.status.num_task_runs;
  }

  async #readMore({ cursor, listed }: Adoption, signal: AbortSignal): Promise<boolean> {
    const { id } = this.#log;
    if (this.#runs === null) {
      this.#total = await this.#totalOf(signal);
      const { client } = await this.#api();
      const options = { includeInput: true, lastEventId: cursor, signal };
      this.#runs = client.groups.runs(id, options);
    }
    const found: AdoptedEvent[] = [];
    let chars = 0, isEnd = false, failure: GroupStreamError | null = null;
    while (found.length < READ_AT_ONCE && chars < READ_CHARS) {
      const next = await this.#runs.next().catch((error) => {
        if (error instanceof GroupStreamError) failure = error;
        else throw error;
      });
      if (next === undefined || next.done) {
        isEnd = failure === null;
        break;
      }
      const event = next.value;
      if (event.kind !== "run") continue;
      listed++;
      cursor = event.eventId ?? cursor;
      const { run, input } = event;
      if (input === null || this.#isKnown({ run, input })) continue;
      found.push({ run, input });
      chars += event.data.length;
    }
    const { limits } = this.#context;
    const { fits, note } = fitting(this.#table.now, found, this.#placed(found), limits);
    const kept = await this.#keep(found.slice(0, fits));
    if (listed >= this.#total) this.#short = 0;
    // A truncated list can look complete, but then the group counts more runs.
    const isShort = isEnd && listed < this.#total && ++this.#short < TRIES;
    const due = note === null && (!isEnd || isShort);
    await this.#write(kept, { cursor, listed, due, ...note !== null && { note } });
    if (failure !== null) {
      if (found.length > 0) this.#failures = 0;
      throw failure;
    }
    if (!due || isShort) await this.close();
    if (isShort) this.#waitMs = this.#context.now() + growingWaitMs(this.#short);
    return due && !isShort;
  }

  /** Whether the run is a row already, or was sent from here. */
  #isKnown({ run, input }: AdoptedEvent): boolean {
    if (this.#table.isTaken(run.run_id)) return true;
    const place = placeOf(run.metadata) ?? placeOf(input.metadata);
    return place !== null && isOwnSend(this.#log, this.#table, { ...place, run_id: run.run_id });
  }

  /** Stores the runs. Leaves out those that the account deleted. */
  async #keep(found: readonly AdoptedEvent[]): Promise<readonly AdoptedEvent[]> {
    const { head: { sealed_key: sealedKey }, id: groupId, record } = this.#log;
    const { account: id, simulated } = record;
    const owner = { id, sealedKey };
    const keep = (runs: readonly AdoptedEvent[]) => {
      const { places } = this.#placed(runs);
      return Promise.all(runs.map(({ run, input }, at) => {
        const { row } = places[at]!;
        return this.#context.keepRun(owner, { run, input, groupId, simulated, row });
      }));
    };
    const isKept = await keep(found);
    const kept = found.filter((_, at) => isKept[at]);
    // The rows after one that is left out have another number now.
    if (kept.length < found.length) await keep(kept);
    return kept;
  }

  #placed(runs: readonly AdoptedEvent[]): PlacedRuns {
    const { head, view } = this.#log;
    return placedRuns(this.#table, view, runs, head.sets ?? [], this.#context.now());
  }

  /** Writes the rows and the position in the list in one commit, so that the rows never appear as unsent. */
  async #write(kept: readonly AdoptedEvent[], taking: Adoption): Promise<void> {
    const log = this.#log;
    if (kept.length === 0) return await log.write(() => ({ head: { taking } }));
    const first = log.view.rows;
    const { columns, stored, places, joined } = this.#placed(kept);
    const changes = kept.flatMap(({ run }, at) => {
      const { row, attempt } = places[at]!;
      return row <= first || attempt > 1 ? [] : [{
        row,
        attempt,
        status: "sent",
        run_id: run.run_id,
        processor: run.processor,
        at_ms: Date.parse(run.created_at ?? "") || this.#context.now(),
      }];
    });
    const added = await storeAdded(this.#context, log, { columns, rows: stored });
    const tasks = joined.map(({ input }) => taskOf(input));
    const sets = [
      ...log.head.sets ?? [],
      ...await Promise.all(joined.map(async ({ origin }, at) => ({
        ...await storeTask(this.#context, log.id, tasks[at]!),
        origin,
      }))),
    ];
    await log.write(({ view }) => ({
      events: [
        ...isResting(view) ? [RESUMED] : [],
        ...tasks.map((task) => {
          const { processor } = task;
          return { type: "joined", data: { processor, columns: askedColumns(task) } } as const;
        }),
        ...changes.length === 0 ? [] : [
          { type: "added", data: { rows: changes.length } },
          { type: "rows", data: { rows: changes } },
        ] as const,
      ],
      head: {
        added,
        taking,
        ...sets.length > 0 && { sets },
        // Do not send these rows for the columns of the other Taskstream until the user asks for it.
        ...(tasks.length > 0 || changes.length > 0) &&
          sets.some(({ origin }) => origin !== undefined) && { allowance: 0 },
      },
    }));
    this.#table.took(columns, stored, log.head);
    this.#unfed.push(...kept.map(({ run }) => run.run_id));
    for (const change of changes) this.#onTaken(change);
  }

  async #failed(failure: ApiFailure): Promise<void> {
    const log = this.#log;
    const { kind, status, message } = failure;
    this.#failures++;
    this.#waitMs = this.#context.now() + growingWaitMs(this.#failures);
    if (!this.isDue) return;
    if (await replacePayer(this.#context, log, failure, this.#refusedKeys)) return;
    const isRefused = kind === "refused" && status !== null && status < 500 &&
      status !== 408 && status !== 429;
    if (isRefused && log.head.taking?.cursor !== null) {
      // The API may no longer know the cursor: read the list from its start.
      const taking = { cursor: null, listed: 0, due: true };
      return await log.write(() => ({ head: { taking } }));
    }
    if (!isRefused && this.#failures < TRIES) return;
    this.#failures = 0;
    await pauseBatch(
      log,
      `The API does not list the runs of this group (${message}). Resume to ask again.`,
    );
  }

  /** Starts the recording of the runs that were stored. */
  #feed(): void {
    if (this.#unfed.length > 0) this.#context.feed(this.#log.id, this.#unfed.splice(0));
  }

  async #api() {
    return this.#context.clientFor(await this.#context.openKey(this.#log.head.sealed_key));
  }
}

/** Whether a batch is done, or waits for the user to start more rows. */
function isResting({ state, reason }: BatchView): boolean {
  return state === "done" || (state === "paused" && reason === TRIAL_DONE);
}
