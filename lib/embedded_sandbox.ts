/** The sandbox inside this process, with what bounds it: anybody may use it, with any key. */
import type { Config } from "./config.ts";
import { AddressSlots, type SandboxState } from "./limits/mod.ts";
import { createSandbox, KeptBytes, type Sandbox, type SandboxOptions } from "./sandbox/mod.ts";

/** The sandbox, and what is kept of it. */
export interface EmbeddedSandbox {
  /** `null` where it is switched off. */
  readonly sandbox: Sandbox | null;
  readonly state: SandboxState;
  readonly kept: KeptBytes;
  /** Streams of its accounts, and of those who only have a link, by client address. */
  readonly streams: AddressSlots;
  /** Whether its accounts may keep more. */
  readonly hasRoom: () => Promise<boolean>;
  /** Forgets a run, as if it had never been. */
  readonly forget: (runId: string) => Promise<void>;
}

/** Streams that a client address may have open at once. */
const STREAMS = 40;

/** Makes the sandbox that the configuration describes. */
export function embedSandbox(
  { sandboxBytesMax, sandboxEnabled, sandboxFaults, sandboxRunsMax, sandboxSpeed }: Config,
  { kv, now, deliver }: Required<Pick<SandboxOptions, "kv" | "now" | "deliver">>,
): EmbeddedSandbox {
  const kept = new KeptBytes(kv, now);
  const sandbox = sandboxEnabled
    ? createSandbox({
      kv,
      speed: sandboxSpeed,
      now,
      costlyFaults: sandboxFaults,
      // A tenth is one address's, and an address has as many keys as it likes: their rows are counted by the day.
      places: { perKey: Math.ceil(sandboxRunsMax / 10), inAll: sandboxRunsMax },
      onCreated: (runs) => kept.add(runs),
      deliver,
    })
    : null;
  return {
    sandbox,
    kept,
    streams: new AddressSlots(STREAMS),
    state: {
      isOver: async (runId) => await sandbox?.isOver(runId) ?? true,
      keptBytes: () => kept.sum(),
    },
    hasRoom: async () => await kept.sum() < sandboxBytesMax,
    forget: async (runId) => {
      await sandbox?.forget(runId);
      await kept.forget(runId);
    },
  };
}
