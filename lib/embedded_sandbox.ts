/** The embedded sandbox and its limits: anyone can use it, with any key. */
import type { Config } from "./config.ts";
import { AddressSlots, type SandboxState } from "./limits/mod.ts";
import { createSandbox, type Sandbox, type SandboxOptions, StoredBytes } from "./sandbox/mod.ts";

/** The sandbox and its stored runs. */
export interface EmbeddedSandbox {
  /** `null` if it is switched off. */
  readonly sandbox: Sandbox | null;
  readonly state: SandboxState;
  readonly stored: StoredBytes;
  /** Limits streams for sandbox accounts and visitors with a share link. */
  readonly streams: AddressSlots;
  /** Returns whether sandbox accounts may store more. */
  readonly hasRoom: () => Promise<boolean>;
  /** Deletes a run completely. */
  readonly forget: (runId: string) => Promise<void>;
}

/** The limits on concurrent streams in this process. */
const STREAMS = { perAddress: 40, inAll: 2_000 };

/** Creates the sandbox that the configuration describes. */
export function embedSandbox(
  { sandboxBytesMax, sandboxEnabled, sandboxFaults, sandboxRunsMax, sandboxSpeed }: Config,
  { kv, now, deliver }: Required<Pick<SandboxOptions, "kv" | "now" | "deliver">>,
): EmbeddedSandbox {
  const stored = new StoredBytes(kv, now);
  const sandbox = sandboxEnabled
    ? createSandbox({
      kv,
      speed: sandboxSpeed,
      now,
      costlyFaults: sandboxFaults,
      // One address gets a tenth. It can use any number of keys, so its rows are counted per day.
      slots: { perKey: Math.ceil(sandboxRunsMax / 10), inAll: sandboxRunsMax },
      onCreated: (runs) => stored.add(runs),
      deliver,
    })
    : null;
  return {
    sandbox,
    stored,
    streams: new AddressSlots(STREAMS),
    state: {
      isOver: async (runId) => await sandbox?.isOver(runId) ?? true,
      storedBytes: () => stored.sum(),
    },
    hasRoom: async () => await stored.sum() < sandboxBytesMax,
    forget: async (runId) => {
      await sandbox?.forget(runId);
      await stored.forget(runId);
    },
  };
}
