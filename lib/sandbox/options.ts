/** What a sandbox is made of, and what it does. */
import type { KeptRun } from "./bytes.ts";
import type { PlaceCaps } from "./groups/places.ts";
import type { Notification } from "./notify.ts";
import type { SetTimer } from "./time.ts";

/** What a sandbox lives on. */
export interface SandboxOptions {
  readonly kv: Deno.Kv;
  /** 1 takes seconds where the API takes minutes; 10 is ten times faster than that. */
  readonly speed: number;
  /** Unix ms. */
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
  /** Which API keys are good; by default those that start with `sandbox-`. */
  readonly acceptKey?: (key: string) => boolean;
  /** 32 hexadecimal digits that no other run has. */
  readonly newRunHex?: () => string;
  /** Whether faults that cost much may be asked for; they may by default. */
  readonly costlyFaults?: boolean;
  /** How many runs of groups work at once; by default as many as there are. */
  readonly places?: PlaceCaps;
  /** Told of all runs that are made, and what keeping each will take at least (bytes). */
  readonly onCreated?: (runs: readonly KeptRun[]) => Promise<void>;
  /** Takes a notification to its receiver; `false` has it tried again. Without it none is sent. */
  readonly deliver?: (notification: Notification) => Promise<boolean>;
}

/** A sandbox. */
export interface Sandbox {
  /** Answers a request to the Task API, whatever its host. */
  fetch(request: Request): Promise<Response>;
  /** Whether a run works no more; so does one that never was. */
  isOver(runId: string): Promise<boolean>;
  /** Forgets a run, as if it had never been. */
  forget(runId: string): Promise<void>;
  /** Ends every open stream and every waiting request. */
  close(): void;
}
