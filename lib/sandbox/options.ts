/** The sandbox's options and interface. */
import type { RunSize } from "./stored_bytes.ts";
import type { SlotCaps } from "./groups/slots.ts";
import type { Notification } from "./notify.ts";
import type { World } from "./world.ts";

/** The dependencies of a sandbox. */
export interface SandboxOptions
  extends Pick<World, "kv" | "speed">, Partial<Pick<World, "newHex" | "now" | "timers">> {
  /** Returns whether an API key is valid. Default: those that start with `sandbox-`. */
  readonly acceptKey?: (key: string) => boolean;
  /** Whether expensive faults are allowed. Default: true. */
  readonly costlyFaults?: boolean;
  /** The number of group runs processed at once. Default: no limit. */
  readonly slots?: SlotCaps;
  /** Called with all new runs and their minimum storage size (bytes). */
  readonly onCreated?: (runs: readonly RunSize[]) => Promise<void>;
  /** Delivers a notification. Returns `false` to have it retried. Without this, none is sent. */
  readonly deliver?: (notification: Notification) => Promise<boolean>;
}

/** A sandbox. */
export interface Sandbox {
  /** Handles a request to the Task API, for any host. */
  fetch(request: Request): Promise<Response>;
  /** Returns whether a run has ended. True for an unknown run. */
  isOver(runId: string): Promise<boolean>;
  /** Deletes a run completely. */
  forget(runId: string): Promise<void>;
  /** Ends all open streams and waiting requests. */
  close(): void;
}
