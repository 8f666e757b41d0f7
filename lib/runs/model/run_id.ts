/** Whether a text can be a run's id; others may be more than KV takes for a key. Pure. */
export function isRunId(text: string): boolean {
  return /^[\w-]{1,100}$/.test(text);
}
