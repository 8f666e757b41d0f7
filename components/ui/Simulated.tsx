/** Marks for what the sandbox made. Nothing of it is real, and nobody may take it for real. */
import type { ComponentChildren } from "preact";

/** The tape across a page of a sandbox account or run. */
export function SimulatedTape({ children }: { children?: ComponentChildren }) {
  return (
    <p class="tape" role="note">
      <strong>Simulated.</strong>{" "}
      {children ?? "The sandbox makes this up: sources, figures and findings are not real."}
    </p>
  );
}

/** The small stamp for a line of a list. */
export function SimulatedStamp() {
  return <span class="stamp">simulated</span>;
}
