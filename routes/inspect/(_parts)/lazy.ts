/** Code that loads when the user needs it. */
import { useEffect, useState } from "preact/hooks";

/** The user is offline, or the server has another version by now. */
export const UNLOADED =
  "The code for this could not be loaded. Check your connection, then try again or reload the page.";

/** Resolves with the module, or with `null` if it cannot be loaded. The next call tries again. */
export const loaded = <Module>(module: Promise<Module>): Promise<Module | null> =>
  module.catch(() => null);

/** Loads a module once `reason` is there. If that fails, another reason tries again. */
export function useLazy<Module extends object>(
  load: () => Promise<Module>,
  reason: unknown,
): Module | "loading" | "failed" {
  const [module, setModule] = useState<Module | "loading" | "failed">("loading");
  useEffect(() => {
    if (reason === null || typeof module === "object") return;
    load().then(setModule, () => setModule("failed"));
  }, [reason]);
  return module;
}
