/**
 * `page()`: what a handler returns to have its route's component rendered.
 */
import type { PageResponse } from "./types.ts";

/**
 * Renders the route's component with `data` (undefined when left out), a status and headers.
 *
 * @example
 * ```ts
 * import { page } from "fresh";
 * export const handler = { GET: () => page({ title: "Hello" }, { status: 201 }) };
 * ```
 */
export function page(): PageResponse<undefined>;
export function page<Data>(
  data: Data,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<Data>;
export function page(
  data?: unknown,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<unknown> {
  return { data, headers: options?.headers, status: options?.status };
}
