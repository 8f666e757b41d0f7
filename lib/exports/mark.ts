/** How every export says that the sandbox made it up. */
export const SIMULATED =
  "Simulated by the Taskstream sandbox: sources, figures and findings are not real";
