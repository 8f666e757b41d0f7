/** Marks for simulated content, so that it is not taken for real. */
import type { ComponentChildren } from "preact";

/** The band across a page of a sandbox account or run. */
export function SimulatedTape({ children }: { children?: ComponentChildren }) {
  return (
    <p class="tape" role="note">
      <strong>Simulated.</strong>{" "}
      {children ?? "The sandbox makes this up: sources, figures and findings are not real."}
    </p>
  );
}

/** The small badge for a line of a list. */
export function SimulatedStamp() {
  return <span class="stamp">simulated</span>;
}
