/**
 * Health probes. Limits and sessions skip them: a refusal, or a wait for the store, would make an
 * orchestrator restart a server that is only busy, and lose what it holds in memory.
 */
const PROBES = new Set(["/healthz", "/readyz"]);

/** Whether a path is a health probe's. */
export function isProbe(pathname: string): boolean {
  return PROBES.has(pathname);
}
