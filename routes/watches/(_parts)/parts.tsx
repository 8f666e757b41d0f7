/** What the pages of watches share. */
import type { Context } from "fresh";
import { HttpError } from "fresh";
import { SimulatedLine } from "../../../components/ui/Simulated.tsx";
import { dollars } from "../../../lib/base/mod.ts";
import { type ApiFailure, MONITOR_PRICES } from "../../../lib/parallel/mod.ts";
import {
  FREQUENCIES,
  MAX_SIMULATED,
  MAX_WATCHES,
  type WatchProblem,
} from "../../../lib/schedules/mod.ts";
import type { State } from "../../../lib/state.ts";

/** The line above the title where watches are simulated. */
export function SimulatedWatch({ simulated }: { readonly simulated: boolean }) {
  return simulated
    ? (
      <SimulatedLine>
        Made up by the sandbox<span class="hidden sm:inline">
          : an hour takes a minute, and nothing is charged
        </span>.
      </SimulatedLine>
    )
    : null;
}

/** What every page about active watches says: who bills them, and until when. */
export function Billing() {
  return (
    <p class="notice caution mt-4 max-w-[80ch]">
      Parallel runs a watch and bills each check: {dollars(MONITOR_PRICES.lite)} (lite) or{" "}
      {dollars(MONITOR_PRICES.base)}{" "}
      (base). A watch continues until you cancel it, even if you delete the task or your account
      here. Taskstream’s budget does not stop it.
    </p>
  );
}

/** What the page of a cancelled watch says instead. */
export function Unbilled() {
  return (
    <p class="notice calm mt-4 max-w-[80ch]">
      This watch is cancelled. Parallel no longer checks, and bills nothing more for it.
    </p>
  );
}

/** `every 6 hours`. */
export function frequencyWords(frequency: string): string {
  const words = FREQUENCIES.find(([each]) => each === frequency)?.[1] ?? frequency;
  return frequency === "" ? "" : `every ${words}`;
}

/** Why a watch was not made, in words. */
export function problemWords(problem: WatchProblem): string {
  if (typeof problem !== "string") return failureWords(problem);
  switch (problem) {
    case "unknown":
      return "This task no longer exists.";
    case "unfinished":
      return "Only a completed task can be watched.";
    case "full":
      return `An account can have ${MAX_WATCHES} watches, a sandbox account ${MAX_SIMULATED}. ` +
        "Cancel one first.";
  }
}

/** What the API said, or why it said nothing. */
export function failureWords({ message }: ApiFailure): string {
  return message.endsWith(".") ? message : `${message}.`;
}

/** The owner of a page of watches. Throws 403 if the API rejects their key. */
export function ownerIn({ account }: Pick<State, "account">) {
  if (account !== null && account.refusedMs !== null) {
    throw new HttpError(403, "Parallel no longer accepts this session’s key.");
  }
  return account;
}

/** Where the API reaches this instance; `null` if it cannot, or nothing verifies what it sends. */
export async function webhookUrlOf(
  { state: { account, services } }: Pick<Context<State>, "state">,
): Promise<string | null> {
  const { config, webhookSecrets } = services;
  if (account === null || config.publicUrl === null) return null;
  const secret = config.parallelWebhookSecret ?? await webhookSecrets.get(account.id);
  return secret === null ? null : new URL("/webhooks/parallel", config.publicUrl).href;
}
