/** Marks for simulated content, so that it is not taken for real. */
import type { ComponentChildren } from "preact";

export interface SimulatedLineProps {
  /** Whether the run is active. */
  readonly live?: boolean;
  /** Another sentence. */
  readonly children?: ComponentChildren;
}

/** The line above the title of a page of a sandbox account or run. */
export function SimulatedLine({ live, children }: SimulatedLineProps) {
  const rest = `: no page ${live ? "is" : "was"} read, and the cost is what Parallel would charge`;
  return (
    <p class="tape" role="note">
      <strong>Simulated</strong>{" "}
      <span>
        {children ?? (
          <>
            Made up by the sandbox
            <span class="hidden sm:inline">{rest}</span>.
          </>
        )}
      </span>
    </p>
  );
}

/** The small badge beside a simulated value. */
export function SimulatedStamp() {
  return <span class="stamp">simulated</span>;
}

/** The line of a sandbox account's pages that show no results. */
export function SandboxAccountLine() {
  return (
    <SimulatedLine>
      <span class="hidden sm:inline">
        This is a sandbox account: runs cost nothing, and what they find is made up.
      </span>
      <span class="sm:hidden">Sandbox: free, and made up.</span>
    </SimulatedLine>
  );
}

/** The line of pages where a sandbox account creates something. */
export function SandboxLine() {
  return (
    <SimulatedLine>
      <span class="hidden sm:inline">
        This is a sandbox account: runs cost nothing, and what they find is made up. Prices are the
        real API’s.
      </span>
      <span class="sm:hidden">Sandbox: free, and made up.</span>
    </SimulatedLine>
  );
}
