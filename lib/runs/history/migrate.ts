/**
 * Brings a store of layout 1, whose histories had no indexes and no counters, to layout 2. Goes on where
 * it was interrupted: the place it has come to is in the commit of each batch.
 */
import { Committer } from "../../kv/committer.ts";
import type { RunSummary } from "../model.ts";
import { indexMutations } from "./entries.ts";

/** Runs of one commit: 20 writes each. */
const BATCH = 40;
const PLACE = ["schema", "indexed"];

/** Writes the indexes and counters of every run in every history. */
export async function indexHistories(kv: Deno.Kv): Promise<void> {
  const committer = new Committer(kv);
  for (;;) {
    const place = await kv.get<Deno.KvKey>(PLACE);
    const start = place.value === null ? ["history"] : [...place.value, ""];
    const selector = { start, end: ["history\0"] };
    const entries = await Array.fromAsync(kv.list<RunSummary>(selector, { limit: BATCH }));
    const last = entries.at(-1);
    if (last === undefined) {
      await committer.commit({ mutations: [{ type: "delete", key: PLACE }], bytes: 100 });
      return;
    }
    await committer.commit({
      // Another process that migrates the same store has come further: read again from there.
      checks: [place],
      mutations: [
        ...entries.flatMap(({ key, value }) => indexMutations(String(key[1]), value)),
        { type: "set", key: PLACE, value: last.key },
      ],
      bytes: entries.length * 5000,
    });
  }
}
