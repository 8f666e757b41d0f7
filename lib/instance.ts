/** Reads what `/admin` and `/healthz` report about this process and its store. */
import type { Services } from "./services.ts";
import { placeOf, SCHEMA_VERSION, type StorePlace } from "./store/mod.ts";

/** Facts about a running instance. None of them is secret. */
export interface Instance {
  readonly version: string;
  readonly deno: string;
  /** The kind of store, without its location. */
  readonly store: string;
  readonly schema: number;
  readonly startedMs: number;
  readonly activeRuns: number;
  readonly memoryBytes: number;
  readonly draining: boolean;
}

/** This program's version. Raise it with every release. */
export const VERSION = "0.1.0";

/** Reads the facts. Rejects if KV does not respond. */
export async function readInstance(services: Services): Promise<Instance> {
  const { config, draining, startedMs } = services;
  return {
    version: VERSION,
    deno: Deno.version.deno,
    store: STORES[placeOf(config.kvPath)],
    schema: SCHEMA_VERSION,
    startedMs,
    activeRuns: await services.countActive(),
    memoryBytes: Deno.memoryUsage().rss,
    draining,
  };
}

const STORES: Readonly<Record<StorePlace, string>> = {
  file: "a local file",
  memory: "memory",
  server: "a KV Connect server",
  deploy: "Deno Deploy's KV",
};
