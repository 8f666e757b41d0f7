/**
 * The data that a recorder needs to resume a run after a restart. This module owns `["active", run_id]`,
 * and `["stopped", run_id]`, which replaces it when a log had to stop before the run's end.
 */
import type { Keyring } from "../../accounts/mod.ts";
import { type Committer, sha256Hex, type Write } from "../../store/mod.ts";

/** A sealed key for reading a run, and whose it is. */
export interface RunKey {
  readonly account: string;
  readonly sealed_key: string;
  /** SHA-256 of that key. When the same key is provided again, it can be sealed again. */
  readonly key_sha256?: string;
}

/** An active run and the key that reads it. */
export interface ActiveRun extends RunKey {
  /** Further keys, also of other accounts: for when this account leaves, or the API refuses its key. */
  readonly others?: readonly RunKey[];
  /** Hashes of keys that the API has refused to this run. */
  readonly refused?: readonly string[];
  /** The group whose streams report on the run. It gets its own recorder only when someone views it. */
  readonly group?: string;
  /** Read the run's own stream as well, because its events were requested. */
  readonly events?: true;
}

/** More accounts than this would make the entry large. */
const MAX_OTHERS = 20;
/** The most refused keys of a run. More are not tried. */
const MAX_REFUSED = 100;

/** Returns the run with another account's key as the one that reads it. */
export function withKey(active: ActiveRun | null, key: RunKey): ActiveRun {
  return active === null
    ? key
    : keyed(active, [key, ...keysBut(active, ({ account }) => account === key.account)]);
}

/** Returns the run without some keys, or `null` if no other key is left. */
function withoutKeys(active: ActiveRun, isLeft: (key: RunKey) => boolean): ActiveRun | null {
  const keys = keysBut(active, isLeft);
  return keys.length === 0 ? null : keyed(active, keys);
}

function keyed(active: ActiveRun, [first, ...more]: readonly RunKey[]): ActiveRun {
  const { sealed_key: _, key_sha256: __, others: ___, ...rest } = active;
  const others = more.slice(0, MAX_OTHERS);
  return { ...rest, ...first!, ...others.length > 0 && { others } };
}

function keysBut(
  { others = [], account, sealed_key, key_sha256 }: ActiveRun,
  isLeft: (key: RunKey) => boolean,
): RunKey[] {
  const first = { account, sealed_key, ...key_sha256 !== undefined && { key_sha256 } };
  return [first, ...others].filter((key) => !isLeft(key));
}

/** Returns the writes that remove an account's key from a run that others still have. */
export async function leaveActive(
  kv: Deno.Kv,
  runId: string,
  account: string,
): Promise<Required<Write>> {
  const found = await kv.getMany<ActiveRun[]>([activeKey(runId), stoppedKey(runId)]);
  const isLeft = (key: RunKey) => key.account === account;
  const left = found.filter(({ value }) => value && (isLeft(value) || value.others?.some(isLeft)));
  return {
    checks: left,
    mutations: left.flatMap(({ key, value }): Deno.KvMutation[] => {
      const next = value && withoutKeys(value, isLeft);
      if (next !== null) {
        const expireIn = key[0] === "stopped" ? { expireIn: STOPPED_KEPT_MS } : {};
        return [{ type: "set", key, value: next, ...expireIn }];
      }
      // Without a key an active run is lost for those who have it. A stopped one is asked about on its page.
      return key[0] === "stopped" ? [{ type: "delete", key }] : [];
    }),
  };
}

/** Further keys of an account. */
type SparesOf = (account: string) => Promise<readonly RunKey[]>;

/** The dependencies of {@linkcode replaceKey}. */
interface KeysContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly sparesOf?: SparesOf;
}

/** Switches a run to another key, because the API refuses this one. Returns `false` if there is no other. */
export async function replaceKey(
  { kv, committer, sparesOf }: KeysContext,
  runId: string,
  sealedKey: string,
): Promise<boolean> {
  for (;;) {
    const found = await kv.get<ActiveRun>(activeKey(runId));
    if (found.value === null) return false;
    const keys = keysBut(found.value, () => false);
    const hash = keys.find((key) => key.sealed_key === sealedKey)?.key_sha256;
    const refused = [...found.value.refused ?? [], ...hash === undefined ? [] : [hash]];
    const own = keys.filter((key) => key.sealed_key !== sealedKey);
    const left = own.length > 0 ? own : await spareKeys(keys, refused, sparesOf);
    if (left.length === 0 || refused.length > MAX_REFUSED) return false;
    const value = { ...keyed(found.value, left), ...refused.length > 0 && { refused } };
    const mutations = [{ type: "set", key: found.key, value } as const];
    // An account may join or leave the run meanwhile.
    if ((await committer.commit({ checks: [found], mutations })).ok) return true;
  }
}

/**
 * Returns a stopped run once for each of its keys and its accounts' keys, with that key as the one that reads
 * it.
 */
export async function withEachKey(run: ActiveRun, sparesOf?: SparesOf): Promise<ActiveRun[]> {
  const { refused: _, ...active } = run;
  const keys = keysBut(active, () => false);
  const all = [...keys, ...await spareKeys(keys, [], sparesOf)];
  return all.map((key) => keyed(active, [key, ...all.filter((other) => other !== key)]));
}

/** Returns its accounts' keys that the run does not have yet and that were not refused. */
async function spareKeys(
  keys: readonly RunKey[],
  refused: readonly string[],
  sparesOf: SparesOf = () => Promise.resolve([]),
): Promise<RunKey[]> {
  const known = new Set([...keys.map(({ key_sha256 }) => key_sha256), ...refused]);
  const accounts = [...new Set(keys.map(({ account }) => account))];
  return (await Promise.all(accounts.map(sparesOf))).flat()
    .filter(({ key_sha256 }) => !known.has(key_sha256));
}

/** The key of an active run. */
export function activeKey(runId: string): Deno.KvKey {
  return ["active", runId];
}

/** Returns the active entry of a run, or `null` if nothing is left to record. */
export async function readActive(kv: Deno.Kv, runId: string): Promise<ActiveRun | null> {
  return (await kv.get<ActiveRun>(activeKey(runId))).value;
}

/**
 * Seals an active run's key again, if it is the same key. Returns `false` if the run has another key or
 * has ended.
 */
async function resealActive(
  kv: Deno.Kv,
  committer: Pick<Committer, "commit">,
  runId: string,
  key: { readonly sha256: string; readonly sealed: string },
): Promise<boolean> {
  const found = await kv.get<ActiveRun>(activeKey(runId));
  if (found.value?.key_sha256 !== key.sha256) return false;
  const value: ActiveRun = { ...found.value, sealed_key: key.sealed };
  const result = await committer.commit({
    checks: [found],
    mutations: [{ type: "set", key: found.key, value }],
  });
  return result.ok;
}

/** Runs that are unlocked at once, so that their commits are grouped. */
const AT_ONCE = 100;

/** Seals a key again for every given run that was created with it. Returns those runs. */
export async function unlockActive(
  { kv, committer, keyring }: {
    readonly kv: Deno.Kv;
    readonly committer: Pick<Committer, "commit">;
    readonly keyring: Pick<Keyring, "seal">;
  },
  locked: readonly string[],
  apiKey: string,
): Promise<string[]> {
  if (locked.length === 0) return [];
  const key = { sha256: await sha256Hex(apiKey), sealed: await keyring.seal(apiKey) };
  const unlocked: string[] = [];
  for (let from = 0; from < locked.length; from += AT_ONCE) {
    await Promise.all(
      locked.slice(from, from + AT_ONCE).map(async (runId) => {
        if (await resealActive(kv, committer, runId, key)) unlocked.push(runId);
      }),
    );
  }
  return unlocked;
}

/** Lists all runs that need a recorder. */
export async function* activeRuns(
  kv: Deno.Kv,
): AsyncGenerator<{ readonly runId: string; readonly active: ActiveRun }> {
  for await (const { key, value } of kv.list<ActiveRun>({ prefix: ["active"] })) {
    if (typeof key[1] === "string") yield { runId: key[1], active: value };
  }
}

/** How long a notification can complete a stopped run (ms). The API sends them for two days. */
export const STOPPED_KEPT_MS = 3 * 24 * 3_600_000;

/** The key of a run whose log had to stop before its end. */
export function stoppedKey(runId: string): Deno.KvKey {
  return ["stopped", runId];
}

/** Returns how a stopped run was recorded, or `null` if it did not stop or stopped too long ago. */
export async function readStopped(kv: Deno.Kv, runId: string): Promise<ActiveRun | null> {
  return (await kv.get<ActiveRun>(stoppedKey(runId))).value;
}

/** The writes that end an active run, or stop it so that it can resume. */
export async function endActive(
  kv: Deno.Kv,
  runId: string,
  { stopped }: { readonly stopped: boolean },
): Promise<Deno.KvMutation[]> {
  const active = stopped ? await readActive(kv, runId) : null;
  return [
    { type: "delete", key: activeKey(runId) },
    active === null ? { type: "delete", key: stoppedKey(runId) } : {
      type: "set",
      key: stoppedKey(runId),
      value: active,
      expireIn: STOPPED_KEPT_MS,
    },
  ];
}

/** The writes that resume a stopped run. */
export function resumeActive(runId: string, active: ActiveRun): Deno.KvMutation[] {
  return [
    { type: "set", key: activeKey(runId), value: active },
    { type: "delete", key: stoppedKey(runId) },
  ];
}
