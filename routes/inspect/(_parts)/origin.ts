/** Where an inspected stream comes from, and how far it is. */
import type { StreamRequest } from "./request.ts";

/** Where a stream came from. */
export type Origin =
  | { readonly kind: "text" }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "url"; readonly request: StreamRequest };

/**
 * - `empty`: nothing yet
 * - `reading`: a text or file is being read
 * - `opening`, `live`: a URL is asked, or sends
 * - `done`: all there is is here
 */
export type Phase = "empty" | "reading" | "opening" | "live" | "done";
