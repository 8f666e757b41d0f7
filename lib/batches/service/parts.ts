/** Makes the services of batches and connects them. */
import type { StreamsContext } from "../../runs/mod.ts";
import type { BatchEvent } from "../model/mod.ts";
import type { AdoptContext } from "./adopt.ts";
import { Drafts } from "./drafts.ts";
import { Holders } from "./holders.ts";
import { GroupChecks } from "./group_checks.ts";
import { Orders } from "./orders.ts";
import { BatchReader } from "./reader.ts";
import type { RemovalContext } from "./removal.ts";
import type { RunnerContext } from "./runner.ts";
import { BatchStreams } from "./streams.ts";
import { BatchUpkeep } from "./upkeep.ts";

/** Dependencies of batches. */
export interface BatchesContext
  extends
    Omit<RunnerContext, "onEvents" | "onOrder">,
    Pick<AdoptContext, "keptMs" | "keyring" | "mayAdopt">,
    Pick<RemovalContext, "onErased">,
    StreamsContext {}

/** The connected services. */
export type BatchParts = ReturnType<typeof batchParts>;

export function batchParts(own: BatchesContext) {
  const reader = new BatchReader(own.kv);
  const streams = new BatchStreams(own);
  const drafts = new Drafts(own);
  const context = {
    ...own,
    onEvents: (id: string, events: readonly BatchEvent[]) => streams.publish(id, events),
    onStored: (id: string): void => holders.hold(id),
    onOrder: (key: Deno.KvKey): void => orders.carriedOut(key),
  };
  const holders: Holders = new Holders(context);
  const orders: Orders = new Orders(context, (id) => holders.hold(id));
  const groupChecks = new GroupChecks({
    ...context,
    reader,
    order: (id) => orders.leave(id, { type: "look" }),
  });
  const upkeep = new BatchUpkeep({
    ...own,
    reader,
    drafts,
    order: (id, order) => orders.send(id, order),
    hold: (id) => holders.hold(id),
  });
  return { context, drafts, groupChecks, holders, orders, reader, streams, upkeep };
}
