/** What a run was asked, as one text. Pure. */
import type { TaskRunInput } from "../../lib/parallel/types.ts";

/** The input first, then every other option; the processor stands elsewhere. */
export function inputLines({ input, processor: _, ...options }: TaskRunInput): string {
  const asked = typeof input === "string" ? input : JSON.stringify(input, null, 2);
  const rest = Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}: ${JSON.stringify(value, null, 2)}`);
  return [asked, ...rest].join("\n\n");
}
